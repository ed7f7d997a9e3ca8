#include "service/backup/verify.h"

#include <sys/stat.h>
#include <sys/time.h>

#include "store/backup_lock.h"
#include "unit/service/backup_fixture.h"

namespace portal::service::testing {
namespace {

class Verifying : public BackupTest {
 protected:
  /// As damage from outside would: past the code that keeps counters and words.
  void Damage(const std::string& sql) {
    SQLite::Database db((data() / "portal.db").string(), SQLite::OPEN_READWRITE, 5'000);
    db.exec("PRAGMA foreign_keys = OFF");
    db.exec(sql);
  }
  VerifyReport MustVerify(bool fix = false, bool deep = false) {
    VerifyOptions options;
    options.data_folder = data();
    options.fix = fix;
    options.deep = deep;
    auto report = Verify(options, clock_);
    EXPECT_TRUE(report) << report.error().detail << ": " << report.error().internal;
    return report ? std::move(*report) : VerifyReport{};
  }
  static std::string Said(const VerifyReport& report) {
    std::string all;
    for (const store::Finding& finding : report.findings) all += finding.what + "\n";
    return all;
  }
  /// Nobody has touched it for two hours.
  static void Age(const fs::path& file) {
    const time_t then = std::time(nullptr) - 7200;
    const timeval times[2] = {{then, 0}, {then, 0}};
    ASSERT_EQ(::lutimes(file.c_str(), times), 0);
  }
};

TEST_F(Verifying, FindsNothingInASoundStore) {
  const VerifyReport report = MustVerify(false, true);
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(Said(report), "");
  EXPECT_EQ(report.tenants, 2);
  EXPECT_EQ(report.blobs, 2);
}

TEST_F(Verifying, FindsAndRepairsWhatCanBeCountedAnew) {
  const std::int64_t acme = acme_.value();
  const std::string words = "'t" + std::to_string(acme) + "z";
  const std::string ghost = "'t99z";
  const struct {
    std::string damage;
    const char* said;
  } rows[] = {
      {"UPDATE tenants SET contacts_total = 7 WHERE slug = 'acme'", "number of contacts of tenant acme"},
      {"UPDATE tenants SET jobs_total = 0 WHERE slug = 'acme'", "number of jobs of tenant acme"},
      {"UPDATE tenants SET blob_bytes = blob_bytes + 1 WHERE slug = 'acme'", "number of bytes of tenant acme"},
      {"UPDATE jobs SET file_count = 9", "files of jobs of tenant acme"},
      {"UPDATE blobs SET file_count = file_count + 1", "files of blobs of tenant acme"},
      {"DELETE FROM blobs", "blobs that files name of tenant acme"},
      {"INSERT INTO contacts_search (contacts_search) VALUES ('delete-all')", "search does not find the contacts"},
      {"INSERT INTO jobs_search (jobs_search) VALUES ('delete-all')", "search does not find the jobs"},
      {"INSERT INTO contacts_search (rowid, words) VALUES (1, " + words + "stranger')",
       "find the contacts of tenant acme"},
      {"INSERT INTO contacts_search (rowid, words) VALUES (4711, " + words + "ada')",
       "find the contacts of tenant acme"},
      {"INSERT INTO jobs_search (rowid, words) VALUES (1, " + ghost + "ada')", "which does not exist"},
      {"UPDATE contacts SET name = 'Somebody Else' WHERE name = 'Ada Lovelace'", "find the contacts of tenant acme"},
  };
  for (const auto& row : rows) {
    Damage(row.damage);
    const VerifyReport found = MustVerify();
    EXPECT_FALSE(found.ok()) << row.damage;
    EXPECT_NE(Said(found).find(row.said), std::string::npos) << row.damage << ": " << Said(found);
    const VerifyReport fixed = MustVerify(true);
    EXPECT_TRUE(fixed.ok()) << row.damage << ": " << Said(fixed);
    EXPECT_FALSE(fixed.findings.empty()) << row.damage;
    const VerifyReport after = MustVerify();
    EXPECT_TRUE(after.findings.empty()) << row.damage << ": " << Said(after);
  }
  // What was repaired works.
  EXPECT_EQ(ListContacts(acme_, {}).info.total, 2);
  model::ContactQuery query;
  query.search = "somebody";
  EXPECT_EQ(ListContacts(acme_, query).ids, std::vector<std::string>{ContactUuid(1)});
  query.search = "ada";
  EXPECT_TRUE(ListContacts(acme_, query).ids.empty());
}

TEST_F(Verifying, LooksAtTheFilesOfEveryJobHoweverMany) {
  std::vector<model::Job> jobs;
  for (int number = 2; number <= 20'500; ++number) jobs.push_back(MakeJob(number, "Wall"));
  PutJobs(acme_, jobs);
  EXPECT_EQ(Said(MustVerify()), "");
  for (const char* which : {"min(id)", "max(id)"}) {
    Damage("UPDATE jobs SET file_count = 9 WHERE id = (SELECT " + std::string(which) + " FROM jobs)");
    EXPECT_NE(Said(MustVerify()).find("files of jobs of tenant acme"), std::string::npos) << which;
    EXPECT_TRUE(MustVerify(true).ok()) << which;
    EXPECT_EQ(Said(MustVerify()), "") << which;
  }
}

TEST_F(Verifying, RepairsSearchInShortTransactionsAndMindsWhatIsWrittenBetweenThem) {
  constexpr int kContacts = 2'500;
  std::vector<model::Contact> contacts;
  for (int number = 1; number <= kContacts; ++number) contacts.push_back(MakeContact(number, "Person"));
  PutContacts(acme_, contacts);
  Damage("INSERT INTO contacts_search (contacts_search) VALUES ('delete-all')");
  VerifyOptions options;
  options.data_folder = data();
  options.fix = true;
  int transactions = 0;
  options.progress = [&](const std::string& what, std::int64_t repaired, std::int64_t) {
    if (what != "the search words" || repaired == 0) return;
    // A writer is let in, and changes a row whose turn is still to come, and one whose turn has been.
    if (++transactions == 1) PutContacts(acme_, {MakeContact(kContacts, "Zoe"), MakeContact(1, "Yan")});
  };
  const auto fixed = Verify(options, clock_);
  ASSERT_TRUE(fixed) << fixed.error().detail;
  EXPECT_TRUE(fixed->ok()) << Said(*fixed);
  EXPECT_GE(transactions, 3);
  EXPECT_EQ(Said(MustVerify()), "");
  model::ContactQuery query;
  query.search = "zoe";
  EXPECT_EQ(ListContacts(acme_, query).ids, std::vector<std::string>{ContactUuid(kContacts)});
}

TEST_F(Verifying, MovesTheRevisionWithARepair) {
  const auto before = reader().tenants.Revision(acme_);
  Damage("UPDATE tenants SET contacts_total = 7 WHERE slug = 'acme'");
  MustVerify(true);
  EXPECT_GT(*reader().tenants.Revision(acme_), *before) << "no ETag of the wrong number is confirmed";
}

TEST_F(Verifying, SaysWhichBytesAreLostAndCannotBringThemBack) {
  fs::remove(BlobFile(data(), first_));
  WriteText(BlobFile(data(), second_), "too short");
  const VerifyReport report = MustVerify(true);
  EXPECT_FALSE(report.ok());
  EXPECT_NE(Said(report).find("blob " + base::ToHex(first_) + " is missing"), std::string::npos) << Said(report);
  EXPECT_NE(Said(report).find("has 9 bytes instead of 17"), std::string::npos) << Said(report);
  EXPECT_EQ(ListFiles(acme_, JobIdOf(1), {}).ids.size(), 2u) << "no row is deleted";
}

TEST_F(Verifying, HashesWhenAskedTo) {
  WriteText(BlobFile(data(), second_), "the photo's BYTES");
  EXPECT_TRUE(MustVerify().ok());
  EXPECT_NE(Said(MustVerify(false, true)).find("has other bytes"), std::string::npos);
}

TEST_F(Verifying, RemovesWhatNobodyNamesOnceItIsOld) {
  const auto orphan = blobs_.Put("nobody names these bytes")->sha256;
  const auto young = blobs_.Put("somebody is about to")->sha256;
  WriteText(data() / "blobs" / "tmp" / "put-abandoned", "half");
  Age(BlobFile(data(), orphan));
  Age(data() / "blobs" / "tmp" / "put-abandoned");
  const auto before = Below(data() / "blobs");
  EXPECT_EQ(MustVerify().orphans, 2);
  EXPECT_EQ(Below(data() / "blobs"), before) << "nothing is removed unless it is asked for";
  {
    const auto backup = store::BackupLock::KeepBlobs(data(), std::chrono::seconds{1});
    EXPECT_FALSE(MustVerify(true).ok()) << "a backup needs the files";
    EXPECT_TRUE(fs::exists(BlobFile(data(), orphan)));
  }
  EXPECT_TRUE(MustVerify(true).ok());
  EXPECT_FALSE(fs::exists(BlobFile(data(), orphan)));
  EXPECT_FALSE(fs::exists(data() / "blobs" / "tmp" / "put-abandoned"));
  EXPECT_TRUE(fs::exists(BlobFile(data(), young)));
  EXPECT_TRUE(fs::exists(BlobFile(data(), first_)));
  EXPECT_EQ(MustVerify().orphans, 0);
}

TEST_F(Verifying, WritesNothingUnlessItIsToFix) {
  fs::remove_all(data() / "blobs");
  EXPECT_FALSE(MustVerify().ok());
  EXPECT_FALSE(fs::exists(data() / "blobs"));
}

TEST_F(Verifying, TellsDamageThatNothingRepairs) {
  const struct {
    const char* damage;
    const char* said;
  } rows[] = {{"UPDATE files SET job_id = 'job_none' WHERE name = 'plan.pdf'", "names one of jobs"},
              {"DROP INDEX contacts_by_name", "index contacts_by_name is missing"},
              {"CREATE TABLE stranger (a)", "table stranger is not of the portal's"}};
  for (const auto& row : rows) {
    Damage(row.damage);
    const VerifyReport report = MustVerify(true);
    EXPECT_FALSE(report.ok());
    EXPECT_NE(Said(report).find(row.said), std::string::npos) << Said(report);
  }
}

TEST_F(Verifying, RefusesWhatIsNoDatabase) {
  portal::testing::TempFolder other;
  VerifyOptions options;
  options.data_folder = other.path();
  EXPECT_FALSE(Verify(options, clock_));
  WriteText(other.path() / "portal.db", std::string(8192, 'x'));
  const auto refused = Verify(options, clock_);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("not a database"), std::string::npos) << refused.error().detail;
}

}  // namespace
}  // namespace portal::service::testing
