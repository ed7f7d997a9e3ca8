#include "service/purge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <thread>

#include "base/hex.h"
#include "crypto/hash.h"
#include "service/stored_file.h"
#include "store/backup_lock.h"
#include "store/reader.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace portal::service {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

base::WallTime Ms(std::int64_t ms) { return base::WallTime{std::chrono::milliseconds{ms}}; }

/// Two tenants with a job each, whose clock stands still.
class Purges : public ::testing::Test {
 protected:
  Purges() {
    Open();
    Write([&](store::WriteTransaction& t) -> base::Status {
      acme_ = t.CreateTenant("acme", "Acme", "acme-files")->id;
      globex_ = t.CreateTenant("globex", "Globex", "globex-files")->id;
      for (const base::TenantId& tenant : {acme_, globex_}) EXPECT_TRUE(t.UpsertJob(tenant, JobOf(1, "Roof")));
      return {};
    });
  }
  ~Purges() override { database_.reset(); }

  void Open() {
    database_.reset();
    auto opened =
        store::Database::Open({.folder = folder_.path(), .durability = store::Durability::kNone}, clock_, logger_);
    if (!opened) throw std::runtime_error(opened.error().internal);
    database_ = std::move(*opened);
  }
  static model::Contact ContactOf(std::int64_t number, const std::string& name) {
    char id[64];
    std::snprintf(id, sizeof id, "00000000-0000-4000-8000-%012llx", static_cast<unsigned long long>(number));
    model::Contact contact;
    contact.id = base::ContactId(id);
    contact.name = name;
    contact.email = name + "@example.com";
    contact.created_at = contact.updated_at = Ms(number);
    return contact;
  }
  static model::Job JobOf(std::int64_t number, std::string title) {
    model::Job job;
    job.id = base::JobId("job_" + std::to_string(number));
    job.title = std::move(title);
    return job;
  }
  void Write(base::FunctionRef<base::Status(store::WriteTransaction&)> work) {
    const base::Status done = database_->writer().Write(work);
    ASSERT_TRUE(done) << done.error().detail << done.error().internal;
  }
  model::File PutFile(const base::TenantId& tenant, const std::string& name, const std::string& content) {
    auto staging = blobs_.Stage();
    EXPECT_TRUE(staging->Append(std::as_bytes(std::span(content))));
    FileDescription description;
    description.job = base::JobId("job_1");
    description.name = name;
    auto stored = StoreFile(database_->writer(), blobs_, tenant, description, *std::move(*staging).Finish());
    EXPECT_TRUE(stored) << stored.error().detail;
    return stored->file;
  }
  void DeleteFile(const base::TenantId& tenant, const model::File& file) {
    Write([&](store::WriteTransaction& t) { return t.DeleteFile(tenant, file.job_id, file.id); });
  }
  bool IsThere(const std::string& content) { return blobs_.Open(crypto::Sha256(content)).has_value(); }
  PurgeReport Run(Purge::Due due = Purge::Due::kByRetention) {
    auto report = purge().Run(due, [](const PurgeReport&, std::chrono::nanoseconds) { return true; });
    EXPECT_TRUE(report) << report.error().detail << report.error().internal;
    return report ? *report : PurgeReport{};
  }
  Purge purge() { return Purge(*database_, blobs_, folder_.path(), 24h, clock_, logger_); }

  /// Everything that is kept, once every process has let go of it.
  std::string AllBytes() {
    database_.reset();
    std::string all;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(file), {});
    }
    Open();
    return all;
  }

  testing::TempFolder folder_;
  testing::ManualClock clock_;
  base::Logger logger_{clock_, 2, base::LogLevel::kOff};
  blob::BlobStore blobs_ = blob::BlobStore::Open(folder_.path() / "blobs", blob::BlobStore::Sync::kNo).value();
  std::unique_ptr<store::Database> database_;
  base::TenantId acme_;
  base::TenantId globex_;
};

TEST_F(Purges, LeaveBlobsUntilTheRetentionIsOver) {
  const model::File file = PutFile(acme_, "a.txt", "hello");
  DeleteFile(acme_, file);
  clock_.Advance(24h - 1ms);
  EXPECT_EQ(Run().removed.blobs, 0);
  EXPECT_TRUE(IsThere("hello"));
  clock_.Advance(1ms);
  const auto open = blobs_.Open(file.sha256);
  const PurgeReport report = Run();
  EXPECT_EQ(report.removed.blobs, 1);
  EXPECT_EQ(report.removed.blob_files, 1);
  EXPECT_EQ(report.removed.blob_bytes, 5);
  EXPECT_TRUE(report.complete);
  EXPECT_FALSE(IsThere("hello"));
  char first = 0;
  EXPECT_EQ(::pread(open->fd.get(), &first, 1, 0), 1) << "a download that has begun goes on";
}

TEST_F(Purges, LeaveBlobsThatAFileNamesAgain) {
  const model::File file = PutFile(acme_, "a.txt", "hello");
  DeleteFile(acme_, file);
  clock_.Advance(20h);
  PutFile(acme_, "again.txt", "hello");
  clock_.Advance(20h);
  EXPECT_EQ(Run().removed.blobs, 0);
  EXPECT_TRUE(IsThere("hello"));
}

TEST_F(Purges, TakeASharedBlobOnlyWhenEverybodyHasLetGo) {
  const model::File acmes = PutFile(acme_, "a.txt", "shared");
  const model::File globexs = PutFile(globex_, "g.txt", "shared");
  DeleteFile(acme_, acmes);
  clock_.Advance(25h);
  EXPECT_EQ(Run().removed.blobs, 1);
  EXPECT_TRUE(IsThere("shared"));
  DeleteFile(globex_, globexs);
  clock_.Advance(25h);
  EXPECT_EQ(Run().removed.blob_files, 1);
  EXPECT_FALSE(IsThere("shared"));
}

TEST_F(Purges, ForgetUploadsThatNoFileNamed) {
  auto staging = blobs_.Stage();
  const std::string content = "never named";
  ASSERT_TRUE(staging->Append(std::as_bytes(std::span(content))));
  ASSERT_EQ(StoreBlob(database_->writer(), blobs_, acme_, *std::move(*staging).Finish()).value(), BlobOutcome::kNew);
  EXPECT_EQ(database_->reader({0}).tenants.FindBySlug("acme")->blob_bytes, 11);
  clock_.Advance(24h);
  EXPECT_EQ(Run().removed.blobs, 1);
  EXPECT_EQ(database_->reader({0}).tenants.FindBySlug("acme")->blob_bytes, 0);
  EXPECT_FALSE(IsThere(content));
}

TEST_F(Purges, LeaveAnUploadAnHourForAFileToNameItWhateverTheRetention) {
  auto staging = blobs_.Stage();
  const std::string content = "about to be named";
  ASSERT_TRUE(staging->Append(std::as_bytes(std::span(content))));
  ASSERT_TRUE(StoreBlob(database_->writer(), blobs_, acme_, *std::move(*staging).Finish()));
  DeleteFile(acme_, PutFile(acme_, "a.txt", "hello"));
  const base::WallTime uploaded = clock_.Wall();
  clock_.Advance(1h - 1ms);
  Purge at_once(*database_, blobs_, folder_.path(), 0ms, clock_, logger_);
  for (const auto due : {Purge::Due::kInTurn, Purge::Due::kByRetention, Purge::Due::kAll}) {
    const auto report = at_once.Run(due, [](const PurgeReport&, std::chrono::nanoseconds) { return true; });
    ASSERT_TRUE(report && report->complete);
    EXPECT_EQ(report->next_due, uploaded + 1h);
  }
  EXPECT_FALSE(at_once.IsDue().value());
  EXPECT_TRUE(IsThere(content));
  EXPECT_FALSE(IsThere("hello")) << "which a file had named";
  clock_.Advance(1ms);
  EXPECT_TRUE(at_once.IsDue().value());
  EXPECT_EQ(Run(Purge::Due::kAll).removed.blob_files, 1);
  EXPECT_FALSE(IsThere(content));
}

TEST_F(Purges, RestWithoutTheBlobsSoThatABackupGetsThem) {
  DeleteFile(acme_, PutFile(acme_, "a.txt", "hello"));
  bool removed = false;
  const auto report = purge().Run(Purge::Due::kAll, [&](const PurgeReport& so_far, std::chrono::nanoseconds) {
    removed = removed || so_far.removed.blobs > 0;
    EXPECT_TRUE(store::BackupLock::KeepBlobs(folder_.path(), 0ms));
    return true;
  });
  EXPECT_TRUE(report && removed);
}

TEST_F(Purges, LeaveTheBlobsToWhoeverWaitsForThem) {
  auto removing = store::BackupLock::RemoveBlobs(folder_.path());
  ASSERT_TRUE(removing);
  std::atomic<bool> waits = false;
  std::jthread backup([&] {
    const auto kept = store::BackupLock::KeepBlobs(folder_.path(), 10s, [&] {
      waits = true;
      waits.notify_all();
      return false;
    });
    EXPECT_TRUE(kept);
  });
  waits.wait(false);
  const auto again = store::BackupLock::RemoveBlobs(folder_.path());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, base::ErrorCode::kConflict);
  removing = base::Fail(base::ErrorCode::kConflict, "let go");
  backup.join();
  EXPECT_TRUE(store::BackupLock::RemoveBlobs(folder_.path()));
}

TEST_F(Purges, OweThePagesUntilTheLastOneIsOverwritten) {
  Run();
  DeleteFile(acme_, PutFile(acme_, "a.txt", "hello"));
  clock_.Advance(24h);
  {
    const auto snapshot = database_->reader({0}).Begin(false);
    ASSERT_TRUE(database_->reader({0}).tenants.Revision(acme_));
    Write([&](store::WriteTransaction& t) { return t.UpsertJob(acme_, JobOf(2, "Wall")).map([](auto) {}); });
    const PurgeReport blocked = Run(Purge::Due::kInTurn);
    EXPECT_EQ(blocked.removed.blobs, 1);
    EXPECT_FALSE(blocked.complete || blocked.pages_overwritten || blocked.log_emptied);
    EXPECT_EQ(blocked.next_due, clock_.Wall());
    EXPECT_TRUE(purge().IsDue().value());
  }
  const PurgeReport rest = Run(Purge::Due::kInTurn);
  EXPECT_TRUE(rest.complete && rest.pages_overwritten && rest.log_emptied);
  EXPECT_FALSE(purge().IsDue().value());
}

TEST_F(Purges, OweTheLogUntilItIsEmptied) {
  DeleteFile(acme_, PutFile(acme_, "a.txt", "hello"));
  std::optional<base::Result<store::Reader::Snapshot>> snapshot;
  const auto kept = purge().Run(Purge::Due::kAll, [&](const PurgeReport& so_far, std::chrono::nanoseconds) {
    if (!so_far.pages_overwritten) return true;
    snapshot.emplace(database_->reader({0}).Begin(false));
    EXPECT_TRUE(database_->reader({0}).tenants.Revision(acme_));
    return true;
  });
  ASSERT_TRUE(kept);
  EXPECT_TRUE(kept->pages_overwritten);
  EXPECT_FALSE(kept->complete || kept->log_emptied);
  EXPECT_TRUE(purge().IsDue().value());
  snapshot.reset();
  const PurgeReport rest = Run(Purge::Due::kInTurn);
  EXPECT_TRUE(rest.complete && rest.log_emptied);
}

TEST_F(Purges, LookAtAllPagesOnceADayAtTheMost) {
  DeleteFile(acme_, PutFile(acme_, "a.txt", "one"));
  clock_.Advance(23h);
  DeleteFile(acme_, PutFile(acme_, "b.txt", "two"));
  clock_.Advance(1h);
  EXPECT_TRUE(Run(Purge::Due::kInTurn).pages_overwritten);
  const base::WallTime scrubbed = clock_.Wall();
  clock_.Advance(23h);
  const PurgeReport second = Run(Purge::Due::kInTurn);
  EXPECT_EQ(second.removed.blobs, 1);
  EXPECT_FALSE(second.pages_overwritten || second.complete);
  EXPECT_EQ(second.next_due, scrubbed + 24h);
  EXPECT_FALSE(purge().IsDue().value());
  EXPECT_TRUE(Run().pages_overwritten) << "whoever asks for it has it at once";
}

TEST_F(Purges, LookAtNoPageForWhatLeavesNothingInThem) {
  clock_.SetWall(std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()));
  Run();
  ASSERT_TRUE(blobs_.Put("an orphan"));
  clock_.Advance(61min);
  const PurgeReport report = Run(Purge::Due::kAll);
  EXPECT_EQ(report.removed.orphans, 1);
  EXPECT_FALSE(report.pages_overwritten || report.log_emptied);
  EXPECT_TRUE(report.complete);
}

TEST_F(Purges, SayThatTheFolderCannotBeRead) {
  Purge lost(*database_, blobs_, folder_.path() / "gone", 24h, clock_, logger_);
  Run();
  const auto report = lost.Run(Purge::Due::kInTurn, [](const PurgeReport&, std::chrono::nanoseconds) { return true; });
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, base::ErrorCode::kUnavailable);
  EXPECT_NE(report.error().detail.find("No such file"), std::string::npos) << report.error().detail;
}

TEST_F(Purges, KeepNoReportOfARoundThatDidNothing) {
  DeleteFile(acme_, PutFile(acme_, "a.txt", "hello"));
  clock_.Advance(24h);
  Run();
  const auto last = Purge::LastReport(database_->reader({0})).value();
  clock_.Advance(25h);
  const auto backup = store::BackupLock::KeepBlobs(folder_.path(), 0ms);
  EXPECT_TRUE(purge().IsDue().value()) << "orphans are to be looked for";
  EXPECT_TRUE(Run(Purge::Due::kInTurn).blobs_needed);
  EXPECT_EQ(Purge::LastReport(database_->reader({0})).value(), last);
}

TEST_F(Purges, LeaveAllBlobsWhileABackupNeedsThem) {
  DeleteFile(acme_, PutFile(acme_, "a.txt", "hello"));
  {
    const auto backup = store::BackupLock::KeepBlobs(folder_.path(), 0ms);
    ASSERT_TRUE(backup);
    const PurgeReport report = Run(Purge::Due::kAll);
    EXPECT_TRUE(report.blobs_needed);
    EXPECT_EQ(report.removed.blobs, 0);
    EXPECT_EQ(report.waiting.blobs, 1);
    EXPECT_TRUE(IsThere("hello"));
  }
  EXPECT_EQ(Run(Purge::Due::kAll).removed.blob_files, 1);
}

TEST_F(Purges, LeaveNoTraceOfADeletedRow) {
  std::mt19937 random(5);
  std::vector<std::string> names(4'000);
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = "w" + base::ToHex(crypto::Sha256(std::to_string(i))).substr(0, 20);
  }
  const auto put = [&](std::size_t from, std::size_t to) {
    Write([&](store::WriteTransaction& t) -> base::Status {
      for (std::size_t i = from; i < to; ++i) {
        if (auto done = t.UpsertContact(acme_, ContactOf(static_cast<std::int64_t>(random()), names[i])); !done) {
          return base::Fail(done.error());
        }
      }
      return {};
    });
  };
  for (std::size_t at = 0; at < names.size(); at += 500) put(at, at + 500);
  random.seed(5);
  std::set<std::size_t> gone;
  Write([&](store::WriteTransaction& t) -> base::Status {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const model::Contact contact = ContactOf(static_cast<std::int64_t>(random()), names[i]);
      if (i % 10 != 3) continue;
      gone.insert(i);
      if (auto done = t.DeleteContact(acme_, contact.id); !done) return done;
    }
    EXPECT_TRUE(t.UpsertJob(acme_, JobOf(2, "Zanzibarprojekt")));
    return t.DeleteJob(acme_, base::JobId("job_2"));
  });
  const model::File file = PutFile(acme_, "geheim-xyzzy.txt", "the secret of Xyzzy");
  DeleteFile(acme_, file);

  // FTS5 keeps of a word only what differs from the one before it: its last letters are looked for.
  const auto count_left = [&](const std::string& bytes) {
    std::size_t left = 0;
    for (const std::size_t i : gone) left += bytes.find(names[i].substr(8)) != std::string::npos;
    return left;
  };
  EXPECT_GT(count_left(AllBytes()), gone.size() / 4) << "the words are in the search table still";
  clock_.Advance(24h);
  const PurgeReport report = Run();
  EXPECT_TRUE(report.contacts_search_merged && report.jobs_search_merged && report.log_emptied && report.complete);
  EXPECT_EQ(report.next_due, std::nullopt);
  const std::string bytes = AllBytes();
  EXPECT_EQ(count_left(bytes), 0u);
  for (const char* trace : {"anzibar", "zanzibar", "geheim-xyzzy", "secret of Xyzzy"}) {
    EXPECT_EQ(bytes.find(trace), std::string::npos) << trace;
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (gone.contains(i)) continue;
    ASSERT_NE(bytes.find(names[i]), std::string::npos) << "what was not deleted is there";
  }
  model::ContactQuery query;
  query.search = names[0];
  auto snapshot = database_->reader({0}).Begin(false);
  EXPECT_EQ(database_->reader({0}).contacts.List(acme_, query, [](const model::ContactView&) {})->total, 1);
}

TEST_F(Purges, LeaveNoTraceOfADeletedTenantAndAllOfTheOthers) {
  const auto fill = [&](const base::TenantId& tenant, const std::string& word) {
    Write([&](store::WriteTransaction& t) -> base::Status {
      for (int i = 0; i < 2'500; ++i) {
        if (auto done = t.UpsertContact(tenant, ContactOf(i, word + std::to_string(i))); !done) {
          return base::Fail(done.error());
        }
      }
      for (int i = 10; i < 600; ++i) {
        model::Job job = JobOf(i, word + "job");
        job.contact_id = ContactOf(i, "").id;
        if (auto done = t.UpsertJob(tenant, job); !done) return base::Fail(done.error());
      }
      return t.CreateClient({.id = base::ClientId(word + "client"),
                             .tenant = tenant,
                             .name = word + "shop",
                             .revoked = false,
                             .created_at = {}});
    });
    PutFile(tenant, word + ".txt", word + " wrote this");
    PutFile(tenant, "both.txt", "for both of them");
  };
  fill(acme_, "quagga");
  fill(globex_, "dodo");
  Write([&](store::WriteTransaction& t) { return t.DeleteTenant(acme_); });
  clock_.Advance(24h - 1ms);
  EXPECT_EQ(Run().removed.tenants, 0);
  clock_.Advance(1ms);
  std::vector<std::int64_t> steps;
  std::int64_t before = 0;
  const auto report = purge().Run(Purge::Due::kByRetention, [&](const PurgeReport& so_far, std::chrono::nanoseconds) {
    const auto& gone = so_far.removed;
    const std::int64_t rows = gone.contacts + gone.jobs + gone.files + gone.blobs + gone.tenants;
    steps.push_back(rows - before);
    before = rows;
    return true;
  });
  ASSERT_TRUE(report);
  EXPECT_EQ(report->removed.tenants, 1);
  EXPECT_EQ(report->removed.contacts, 2'500);
  EXPECT_EQ(report->removed.jobs, 591);
  EXPECT_EQ(report->removed.files, 2);
  EXPECT_EQ(report->removed.blobs, 2);
  EXPECT_EQ(report->removed.blob_files, 1);
  EXPECT_EQ(report->waiting.tenants, 0);
  EXPECT_LE(std::ranges::max(steps), 2'000) << "rows a transaction";
  const std::string bytes = AllBytes();
  for (const char* trace : {"quagga", "uagga", "Acme", "acme-files"}) {
    EXPECT_EQ(bytes.find(trace), std::string::npos) << trace;
  }
  EXPECT_TRUE(IsThere("for both of them"));
  EXPECT_EQ(database_->reader({0}).tenants.FindBySlug("globex")->contacts, 2'500);
  Write([&](store::WriteTransaction& t) -> base::Status {
    EXPECT_GT(t.CreateTenant("third", "Third", "third")->id, globex_) << "no number is given twice";
    return {};
  });
}

TEST_F(Purges, GiveNoPurgedTenantsNumberAgain) {
  Write([&](store::WriteTransaction& t) { return t.DeleteTenant(globex_); });
  EXPECT_EQ(Run(Purge::Due::kAll).removed.tenants, 1);
  base::TenantId next;
  Write([&](store::WriteTransaction& t) -> base::Status {
    next = t.CreateTenant("third", "Third", "third")->id;
    return {};
  });
  EXPECT_GT(next, globex_);
}

TEST_F(Purges, GoOnWhereAnotherOneStopped) {
  Write([&](store::WriteTransaction& t) -> base::Status {
    for (int i = 0; i < 5'000; ++i) {
      if (auto done = t.UpsertContact(acme_, ContactOf(i, "n" + std::to_string(i))); !done) {
        return base::Fail(done.error());
      }
    }
    return {};
  });
  Write([&](store::WriteTransaction& t) { return t.DeleteTenant(acme_); });
  int stopped = 0;
  PurgeReport report;
  do {
    ASSERT_LT(stopped, 2'000);
    report = purge().Run(Purge::Due::kAll, [](const PurgeReport&, std::chrono::nanoseconds) { return false; }).value();
    EXPECT_TRUE(stopped > 0 || !report.complete);
    // Each run does one step of its first part and stops; the part after it is reached when that has nothing left.
    ++stopped;
  } while (report.waiting.tenants > 0);
  EXPECT_GE(stopped, 3);
  EXPECT_EQ(Run(Purge::Due::kAll).waiting.search, false);
}

TEST_F(Purges, AreDueWhenSomethingIs) {
  Run();
  EXPECT_FALSE(purge().IsDue().value());
  DeleteFile(acme_, PutFile(acme_, "a.txt", "hello"));
  EXPECT_FALSE(purge().IsDue().value());
  clock_.Advance(23h);
  EXPECT_FALSE(purge().IsDue().value());
  clock_.Advance(1h);
  EXPECT_TRUE(purge().IsDue().value());
  Run();
  EXPECT_FALSE(purge().IsDue().value());
  clock_.Advance(25h);
  EXPECT_TRUE(purge().IsDue().value()) << "all blobs are looked at once a day";
}

TEST_F(Purges, RemoveBlobsThatNobodyNamesAfterAnHour) {
  clock_.SetWall(std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()));
  ASSERT_TRUE(blobs_.Put("an orphan"));
  PutFile(acme_, "a.txt", "hello");
  EXPECT_EQ(Run(Purge::Due::kAll).removed.orphans, 0) << "somebody may be about to name it";
  clock_.Advance(61min);
  const PurgeReport report = Run(Purge::Due::kAll);
  EXPECT_EQ(report.removed.orphans, 1);
  EXPECT_EQ(report.removed.blob_files, 1);
  EXPECT_FALSE(IsThere("an orphan"));
  EXPECT_TRUE(IsThere("hello"));
}

TEST_F(Purges, RemoveCopiesFromBeforeAnUpgrade) {
  const fs::path copy = folder_.path() / "portal.db.before-0002";
  std::ofstream(copy) << "rows that are deleted by now";
  EXPECT_EQ(Run().removed.upgrade_copies, 0);
  Purge at_once(*database_, blobs_, folder_.path(), 0ms, clock_, logger_);
  const auto kept = at_once.Run(Purge::Due::kInTurn, [](const PurgeReport&, std::chrono::nanoseconds) { return true; });
  EXPECT_TRUE(kept && kept->removed.upgrade_copies == 0) << "a day to go back, whatever the retention";
  fs::last_write_time(copy, fs::file_time_type::clock::now() - 25h);
  EXPECT_EQ(Run().removed.upgrade_copies, 1);
  EXPECT_FALSE(fs::exists(copy));
  std::ofstream(copy) << "and another one";
  EXPECT_EQ(Run(Purge::Due::kAll).removed.upgrade_copies, 1);
}

TEST_F(Purges, NeverTakeBytesThatAFileHasJustNamed) {
  std::atomic<bool> done = false;
  std::jthread purging([&] {
    while (!done) Run(Purge::Due::kAll);
  });
  {
    std::vector<std::jthread> feeds;
    for (int feed = 0; feed < 3; ++feed) {
      feeds.emplace_back([&, feed] {
        const base::TenantId& tenant = feed == 0 ? globex_ : acme_;
        for (int round = 0; round < 60; ++round) {
          // The same few contents come and go in every feed.
          const std::string content = "content " + std::to_string(round % 2);
          const model::File file = PutFile(tenant, "of-feed-" + std::to_string(feed), content);
          EXPECT_TRUE(IsThere(content)) << "feed " << feed << ", round " << round;
          DeleteFile(tenant, file);
        }
      });
    }
  }
  done = true;
  purging.join();
  Run(Purge::Due::kAll);
  EXPECT_FALSE(IsThere("content 0"));
  EXPECT_FALSE(IsThere("content 1"));
}

TEST_F(Purges, KeepTheirReport) {
  EXPECT_EQ(Purge::LastReport(database_->reader({0})).value(), std::nullopt);
  DeleteFile(acme_, PutFile(acme_, "a.txt", "hello"));
  Run();
  const auto waiting = nlohmann::json::parse(*Purge::LastReport(database_->reader({0})).value());
  EXPECT_EQ(waiting["removed"]["blobs"], 0);
  EXPECT_EQ(waiting["waiting"]["blobs"], 1);
  EXPECT_EQ(waiting["waiting"]["blob_bytes"], 5);
  EXPECT_EQ(waiting["waiting"]["until"], "2025-09-03T02:05:23.456Z");
  clock_.Advance(24h);
  Run();
  const auto done = nlohmann::json::parse(*Purge::LastReport(database_->reader({0})).value());
  EXPECT_EQ(done["removed"]["blob_bytes"], 5);
  EXPECT_EQ(done["waiting"]["until"], nullptr);
  EXPECT_EQ(done["complete"], true);
}

}  // namespace
}  // namespace portal::service
