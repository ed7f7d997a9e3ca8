#include "service/import/import.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/time_text.h"
#include "store/reader.h"
#include "store/write_lock.h"
#include "store/writer.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"
#include "unit/service/import_text.h"

namespace portal::service {
namespace {

constexpr const char* kAnn = "550e8400-e29b-41d4-a716-446655440000";

std::string Uuid(int number) {
  std::string digits = std::to_string(number);
  return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

/// Imports into a real store in a temporary folder.
class ImportTest : public ::testing::Test {
 protected:
  ImportTest() : logger_(clock_, 2, base::LogLevel::kOff) {
    Open(std::chrono::seconds{10});
    const auto written = database_->writer().Write([this](store::WriteTransaction& transaction) -> base::Status {
      tenant_ = transaction.CreateTenant("acme", "Acme", "acme-files")->id;
      other_ = transaction.CreateTenant("globex", "Globex", "globex-files")->id;
      return {};
    });
    if (!written) throw std::runtime_error(written.error().detail);
  }

  void Open(std::chrono::milliseconds lock_wait) {
    database_.reset();
    store::Database::Options options;
    options.folder = folder_.path();
    options.durability = store::Durability::kNone;
    options.lock_wait = lock_wait;
    auto opened = store::Database::Open(options, clock_, logger_);
    if (!opened) throw std::runtime_error(opened.error().detail);
    database_ = std::move(*opened);
  }

  ImportSummary Contacts(const std::string& csv, ImportOptions options = {}) { return Run(csv, options, tenant_); }
  ImportSummary Jobs(const std::string& csv, ImportOptions options = {}) {
    options.kind = ImportKind::kJobs;
    return Run(csv, options, tenant_);
  }
  ImportSummary Run(const std::string& text, const ImportOptions& options, const base::TenantId& tenant) {
    const PipedText pipe(text, 1 << 20);
    ImportSource source(pipe.fd());
    progress_calls_ = 0;
    return Import(source, options, tenant, *database_, clock_, [this](const ImportSummary&) {
      ++progress_calls_;
      clock_.Advance(time_of_a_batch_);
    });
  }

  store::Reader& reader() { return database_->reader(base::WorkerId{0}); }
  std::int64_t ContactsTotal() {
    const auto snapshot = reader().Begin(false);
    return reader().contacts.List(tenant_, {}, [](const model::ContactView&) {})->total;
  }
  /// `name|email|created|updated` of a contact, or the error's detail.
  std::string Contact(const std::string& id) {
    std::string text;
    const auto snapshot = reader().Begin(false);
    const auto found = reader().contacts.Find(tenant_, id, [&](const model::ContactView& contact) {
      text = std::string(contact.name) + "|" + std::string(contact.email.value_or("~")) + "|" +
             base::FormatRfc3339(contact.created_at) + "|" + base::FormatRfc3339(contact.updated_at);
    });
    return found ? text : found.error().detail;
  }
  bool HasJob(const std::string& id) {
    const auto snapshot = reader().Begin(false);
    return reader().jobs.Exists(tenant_, id).value();
  }

  portal::testing::TempFolder folder_;
  portal::testing::ManualClock clock_;  // 2025-09-02T02:05:23.456Z
  base::Logger logger_;
  std::unique_ptr<store::Database> database_;
  base::TenantId tenant_;
  base::TenantId other_;
  int progress_calls_ = 0;
  std::chrono::seconds time_of_a_batch_{0};
};

TEST_F(ImportTest, WritesEveryFieldAndNormalises) {
  const auto summary = Contacts(
      "id,name,email,phone,company,address,created_at,updated_at\n"
      "550E8400-E29B-41D4-A716-446655440000,Ann,ann@example.com,1,Co,Street,2025-01-31,2025-02-01T10:00:00+02:00\n");
  EXPECT_EQ(summary.inserted, 1U);
  EXPECT_FALSE(summary.failure);
  EXPECT_EQ(Contact(kAnn), "Ann|ann@example.com|2025-01-31T00:00:00.000Z|2025-02-01T08:00:00.000Z");
}

TEST_F(ImportTest, MissingTimesAreTheImportsAndNeverPutUpdatesBeforeCreation) {
  Contacts("id,name,created_at,updated_at\n" + Uuid(1) + ",A,,\n" + Uuid(2) + ",B,2025-01-01,\n" + Uuid(3) +
           ",C,,2025-01-01\n" + Uuid(4) + ",D,2030-01-01,\n");
  EXPECT_EQ(Contact(Uuid(1)), "A|~|2025-09-02T02:05:23.456Z|2025-09-02T02:05:23.456Z");
  EXPECT_EQ(Contact(Uuid(2)), "B|~|2025-01-01T00:00:00.000Z|2025-09-02T02:05:23.456Z");
  EXPECT_EQ(Contact(Uuid(3)), "C|~|2025-01-01T00:00:00.000Z|2025-01-01T00:00:00.000Z");
  EXPECT_EQ(Contact(Uuid(4)), "D|~|2030-01-01T00:00:00.000Z|2030-01-01T00:00:00.000Z");
}

TEST_F(ImportTest, MissingTimesAreThoseOfTheBatchSoThatAPollMissesNone) {
  time_of_a_batch_ = std::chrono::seconds{60};
  Contacts("id,name\n" + Uuid(1) + ",A\n" + Uuid(2) + ",B\n" + Uuid(3) + ",C\n", {.batch_rows = 2});
  EXPECT_EQ(Contact(Uuid(1)), "A|~|2025-09-02T02:05:23.456Z|2025-09-02T02:05:23.456Z");
  EXPECT_EQ(Contact(Uuid(2)), "B|~|2025-09-02T02:05:23.456Z|2025-09-02T02:05:23.456Z");
  EXPECT_EQ(Contact(Uuid(3)), "C|~|2025-09-02T02:06:23.456Z|2025-09-02T02:06:23.456Z");
}

TEST_F(ImportTest, ImportingAgainChangesNothingAndLaterChangesKeepTheCreation) {
  const std::string csv = std::string("id,name\n") + kAnn + ",Ann\n" + Uuid(1) + ",Bob\n";
  EXPECT_EQ(Contacts(csv).inserted, 2U);
  const std::string before = Contact(kAnn);
  clock_.Advance(std::chrono::hours{1});
  const auto again = Contacts(csv);
  EXPECT_EQ(again.unchanged, 2U);
  EXPECT_EQ(again.written(), 2U);
  EXPECT_EQ(Contact(kAnn), before);
  EXPECT_EQ(Contacts(std::string("id,name\n") + kAnn + ",Anna\n").updated, 1U);
  EXPECT_EQ(Contact(kAnn), "Anna|~|2025-09-02T02:05:23.456Z|2025-09-02T03:05:23.456Z");
  EXPECT_EQ(ContactsTotal(), 2);
}

TEST_F(ImportTest, ARowOfAnotherTenantIsNotTouched) {
  EXPECT_EQ(Run(std::string("id,name\n") + kAnn + ",Theirs\n", {}, other_).inserted, 1U);
  EXPECT_EQ(Contact(kAnn), "Contact not found");
  EXPECT_EQ(Contacts(std::string("id,name\n") + kAnn + ",Ours\n").inserted, 1U);
  EXPECT_EQ(Contact(kAnn).substr(0, 5), "Ours|");
}

TEST_F(ImportTest, RefusesBadContactsWithTheirPlace) {
  struct Case {
    std::string row;
    std::uint64_t column;
    std::string says;
  };
  const std::string id = Uuid(7);
  const std::vector<Case> cases = {
      {"x,Ann,,,", 1, "id: \"x\" is no UUID"},
      {",Ann,,,", 1, "id: must not be empty"},
      {"550e8400e29b41d4a716446655440000,Ann,,,", 1, "is no UUID"},
      {"550e8400-e29b-41d4-a716-44665544000g,Ann,,,", 1, "is no UUID"},
      {id + ",,,,", 38, "name: must not be empty"},
      {id + ",\" \",,,", 38, "name: must not be empty"},
      {id + "," + std::string(501, 'x') + ",,,", 38, "name: longer than 500 bytes"},
      {id + ",Ann,ann,,", 42, "email: \"ann\" is no e-mail address"},
      {id + ",Ann,a@b@c,,", 42, "email"},
      {id + ",Ann,@b,,", 42, "email"},
      {id + ",Ann,a b@c,,", 42, "email"},
      {id + ",Ann," + std::string(250, 'x') + "@b.de,,", 42, "email: longer than 254 bytes"},
      {id + ",Ann,,2025-02-30,", 43, "created_at: \"2025-02-30\" is no date that exists"},
      {id + ",Ann,,,2025-13-01T00:00:00Z", 44, "updated_at: \"2025-13-01T00:00:00Z\" is no date"},
      {id + ",Ann,,2025-01-01T10:00:00,", 43, "created_at"},
      {id + ",Ann,,01/31/2025,", 43, "created_at"},
      {id + ",Ann,,yesterday,", 43, "created_at"},
  };
  for (const Case& c : cases) {
    const auto summary = Contacts("id,name,email,created_at,updated_at\n" + c.row + "\n");
    ASSERT_EQ(summary.bad_rows.size(), 1U) << c.row;
    EXPECT_EQ(summary.bad_rows.front().line, 2U) << c.row;
    EXPECT_EQ(summary.bad_rows.front().column, c.column) << c.row;
    EXPECT_NE(summary.bad_rows.front().message.find(c.says), std::string::npos) << summary.bad_rows.front().message;
    EXPECT_EQ(summary.written(), 0U);
  }
}

TEST_F(ImportTest, RefusesBadJobsWithTheirPlace) {
  ASSERT_EQ(Contacts(std::string("id,name\n") + kAnn + ",Ann\n").inserted, 1U);
  const auto good = Jobs(std::string("id,title,status,contact_id,scheduled_at\njob_1,Roof,on_hold,") + kAnn +
                         ",2025-10-01\njob_2,Wall,pending,,\n");
  EXPECT_EQ(good.inserted, 2U);
  struct Case {
    std::string row;
    std::uint64_t column;
    std::string says;
  };
  const std::vector<Case> cases = {
      {"1,Roof,pending,,", 1, "id: \"1\" is no job's id, expected job_"},
      {"job_,Roof,pending,,", 1, "id: "},
      {"job_" + std::string(61, 'x') + ",Roof,pending,,", 1, "id: "},
      {"job_a/b,Roof,pending,,", 1, "id: "},
      {"job_3,,pending,,", 7, "title: must not be empty"},
      {"job_3,Roof,done,,", 12, "status: \"done\" is no status, expected pending"},
      {"job_3,Roof,Pending,,", 12, "status: "},
      {"job_3,Roof,,,", 12, "status: must not be empty"},
      {"job_3,Roof,pending,x,", 20, "contact_id: \"x\" is no UUID"},
      {"job_3,Roof,pending," + Uuid(9) + ",", 20, "contact_id: there is no contact " + Uuid(9)},
      {"job_3,Roof,pending,,2025-02-29", 21, "scheduled_at: \"2025-02-29\" is no date"},
  };
  for (const Case& c : cases) {
    const auto summary = Jobs("id,title,status,contact_id,scheduled_at\n" + c.row + "\n");
    ASSERT_EQ(summary.bad_rows.size(), 1U) << c.row;
    EXPECT_EQ(summary.bad_rows.front().column, c.column) << c.row;
    EXPECT_NE(summary.bad_rows.front().message.find(c.says), std::string::npos) << summary.bad_rows.front().message;
    EXPECT_FALSE(HasJob("job_3"));
  }
}

TEST_F(ImportTest, StopsAtABadRowWithEveryRowBeforeItCommitted) {
  std::string csv = "id,name\n";
  for (int i = 1; i <= 25; ++i) csv += Uuid(i) + (i == 18 ? ",\n" : ",N\n");
  const auto summary = Contacts(csv, {.batch_rows = 10});
  EXPECT_EQ(summary.inserted, 17U);
  EXPECT_EQ(summary.rejected, 1U);
  EXPECT_EQ(summary.stopped_at_line, 19U);
  EXPECT_EQ(ContactsTotal(), 17);
  EXPECT_EQ(progress_calls_, 2);
}

TEST_F(ImportTest, StopsAtARowThatOnlyTheStoreRefusesToo) {
  std::string csv = "id,title,status,contact_id\n";
  for (int i = 1; i <= 9; ++i) csv += "job_" + std::to_string(i) + ",T,pending," + (i == 5 ? Uuid(5) : "") + "\n";
  csv += "bad,T,pending,\n";
  const auto summary = Jobs(csv);
  EXPECT_EQ(summary.inserted, 4U);
  EXPECT_EQ(summary.rejected, 1U);
  EXPECT_EQ(summary.stopped_at_line, 6U);
  EXPECT_TRUE(HasJob("job_4"));
  EXPECT_FALSE(HasJob("job_6"));
}

TEST_F(ImportTest, SkipsBadRowsListsTheFirstTwentyInOrderAndWritesTheRest) {
  std::string csv = "id,title,status,contact_id\n";
  for (int i = 0; i < 60; ++i) {
    csv += "job_" + std::to_string(i) + ",T," + (i % 3 == 1 ? "nope" : "pending") + "," + (i % 3 == 2 ? Uuid(i) : "") +
           "\n";
  }
  const auto summary = Jobs(csv, {.on_bad_row = OnBadRow::kSkip, .batch_rows = 10});
  EXPECT_EQ(summary.inserted, 20U);
  EXPECT_EQ(summary.rejected, 40U);
  EXPECT_FALSE(summary.stopped_at_line);
  ASSERT_EQ(summary.bad_rows.size(), ImportSummary::kMaxListed);
  EXPECT_TRUE(std::ranges::is_sorted(summary.bad_rows, {}, &BadRow::line));
  EXPECT_EQ(summary.bad_rows.front().line, 3U);
}

TEST_F(ImportTest, NamesBothLinesOfADuplicateWhateverItsCaseAndWhereverItsBatch) {
  std::string csv = std::string("id,name\n") + kAnn + ",Ann\n";
  for (int i = 1; i <= 20; ++i) csv += Uuid(i) + ",N\n";
  csv += "550E8400-E29B-41D4-A716-446655440000,Other\n" + Uuid(21) + ",N\n";
  const auto summary = Contacts(csv, {.on_bad_row = OnBadRow::kSkip, .batch_rows = 5});
  EXPECT_EQ(summary.inserted, 22U);
  ASSERT_EQ(summary.bad_rows.size(), 1U);
  EXPECT_EQ(summary.bad_rows.front().line, 23U);
  EXPECT_NE(summary.bad_rows.front().message.find("is also the id of line 2;"), std::string::npos);
  EXPECT_EQ(Contact(kAnn).substr(0, 4), "Ann|");
}

TEST_F(ImportTest, ARejectedRowDoesNotMakeItsCorrectionADuplicate) {
  const auto summary =
      Contacts(std::string("id,name\n") + kAnn + ",\n" + kAnn + ",Ann\n", {.on_bad_row = OnBadRow::kSkip});
  EXPECT_EQ(summary.inserted, 1U);
  EXPECT_EQ(summary.rejected, 1U);
}

TEST_F(ImportTest, ABrokenFileStopsEvenWhenSkipping) {
  const auto header = Contacts("id,nmae\n", {.on_bad_row = OnBadRow::kSkip});
  EXPECT_EQ(header.rejected, 1U);
  EXPECT_EQ(header.stopped_at_line, 1U);
  const auto quote =
      Contacts(std::string("id,name\n") + kAnn + ",Ann\n" + Uuid(1) + ",\"Bob\n", {.on_bad_row = OnBadRow::kSkip});
  EXPECT_EQ(quote.inserted, 1U);
  EXPECT_EQ(quote.stopped_at_line, 3U);
}

TEST_F(ImportTest, ReadsNdjsonToo) {
  const auto summary = Run(std::string(R"({"name":"Ann","id":")") + kAnn + "\"}\n{\"id\":7}\n",
                           {.format = ImportFormat::kNdjson, .on_bad_row = OnBadRow::kSkip}, tenant_);
  EXPECT_EQ(summary.inserted, 1U);
  EXPECT_EQ(summary.rejected, 1U);
  EXPECT_EQ(summary.bad_rows.front().line, 2U);
}

TEST_F(ImportTest, AStoreThatFailsWritesNothingBeforeABadRowAndBothAreTold) {
  Open(std::chrono::milliseconds{1});
  const auto lock = store::WriteLock::Open(folder_.path() / "portal.lock");
  const auto held = (*lock)->Acquire(std::chrono::milliseconds{0});
  ASSERT_TRUE(held);
  const auto summary = Contacts("id,name\n" + Uuid(1) + ",Ann\n" + Uuid(2) + ",\n");
  ASSERT_TRUE(summary.failure);
  EXPECT_EQ(summary.failure->code, base::ErrorCode::kUnavailable);
  EXPECT_EQ(summary.stopped_at_line, std::nullopt);
  EXPECT_EQ(summary.written(), 0U);
  ASSERT_EQ(summary.bad_rows.size(), 1U);
  EXPECT_EQ(summary.bad_rows.front().line, 3U);
  EXPECT_EQ(ContactsTotal(), 0);
}

TEST_F(ImportTest, AnUnreadableInputIsAFailure) {
  ImportSource source(-1);
  const auto summary = Import(source, {}, tenant_, *database_, clock_, [](const ImportSummary&) {});
  ASSERT_TRUE(summary.failure);
  EXPECT_NE(summary.failure->detail.find("the input cannot be read"), std::string::npos);
  EXPECT_EQ(summary.rejected, 0U);
}

}  // namespace
}  // namespace portal::service
