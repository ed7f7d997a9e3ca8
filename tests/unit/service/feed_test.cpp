// Imports with outcomes, deletes, file rows and idempotency keys: what bulk requests are made of.

#include <fcntl.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/hex.h"
#include "base/unique_fd.h"
#include "service/import/feed_lines.h"
#include "service/import/import.h"
#include "service/import/spool.h"
#include "store/reader.h"
#include "store/writer.h"
#include "unit/service/row_store.h"

namespace portal::service {
namespace {

std::string Uuid(int number) {
  std::string digits = std::to_string(number);
  return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

/// Writes down what it hears, and may go away.
class Notes final : public ImportListener {
 public:
  void Row(const RowOutcome& outcome) override { AppendOutcomeLine(outcome, text); }
  bool Batch(const ImportSummary&) override { return ++batches != leaves_after; }
  base::Status MayWrite() override {
    if (batches != refused_after) return {};
    return base::Fail(base::ErrorCode::kInvalidToken, "The token has ended");
  }
  std::string text;
  int batches = 0;
  int refused_after = -1;
  int leaves_after = 0;
};

class FeedTest : public RowStore {
 protected:
  /// Feeds `text` as a bulk request does, by way of a spool. With a key, the request is its body.
  ImportSummary Feed(const std::string& text, const ImportOptions& options, Notes& notes, const std::string& key = {}) {
    auto spool = Spool::Create(folder_.path());
    EXPECT_TRUE(spool->Append(text));
    ImportKey import_key{key, spool->Digest()};
    EXPECT_TRUE(spool->Rewind());
    ImportSource source(spool->fd());
    return Import(source, options, tenant_, *database_, clock_, key.empty() ? nullptr : &import_key, notes);
  }
  std::string Outcomes(const std::string& text, const ImportOptions& options, const std::string& key = {}) {
    Notes notes;
    Feed(text, options, notes, key);
    return notes.text;
  }

  std::int64_t Revision() {
    const auto snapshot = database_->reader({0}).Begin(false);
    return database_->reader({0}).tenants.Revision(tenant_).value();
  }
  std::int64_t Contacts() {
    const auto snapshot = database_->reader({0}).Begin(false);
    return database_->reader({0}).contacts.List(tenant_, {}, [](const model::ContactView&) {})->total;
  }
  static std::string ThreeBatches() {
    std::string csv = "id,name,email\n";
    for (int i = 1; i <= 25; ++i) csv += Uuid(i) + ",N" + std::to_string(i) + (i % 10 == 7 ? ",bad\n" : ",\n");
    return csv;
  }

  const ImportOptions kTens{.on_bad_row = OnBadRow::kSkip, .batch_rows = 10};
};

TEST_F(FeedTest, EndsBeforeABatchThatMayNotBeWritten) {
  Notes notes;
  notes.refused_after = 1;
  const ImportSummary summary = Feed(ThreeBatches(), kTens, notes);
  EXPECT_EQ(summary.failure->code, base::ErrorCode::kInvalidToken);
  EXPECT_EQ(notes.batches, 1);
  EXPECT_EQ(static_cast<std::int64_t>(summary.written()), Contacts());
  EXPECT_GT(Contacts(), 0);
  std::string line;
  AppendSummaryLine(summary, line);
  EXPECT_NE(line.find(R"("complete":false)"), std::string::npos) << line;
  EXPECT_NE(line.find("The token has ended"), std::string::npos) << line;
}

TEST_F(FeedTest, TellsEachRowsOutcomeInTheOrderOfTheInput) {
  Outcomes("id,title,status\njob_a,A,pending\njob_b,B,pending\n", {.kind = ImportKind::kJobs});
  const ImportOptions options{.kind = ImportKind::kJobs, .on_bad_row = OnBadRow::kSkip, .batch_rows = 3};
  EXPECT_EQ(
      Outcomes("id,title,status,contact_id\n"
               "job_a,A,pending,\n"
               "job_b,\"Two\nlines\",pending,\n"
               "job_c,C,nope,\n"
               ",D,pending,\n"
               "job_e,E,pending," +
                   Uuid(9) + "\njob_f,F,pending,\njob_g\njob_f,F,pending,\n",
               options),
      R"({"line":2,"id":"job_a","outcome":"unchanged"})"
      "\n"
      R"({"line":3,"id":"job_b","outcome":"updated"})"
      "\n"
      R"({"line":5,"id":"job_c","outcome":"rejected","detail":"status: \"nope\" is no status, expected pending, )"
      R"(scheduled, in_progress, on_hold, completed or cancelled"})"
      "\n"
      R"({"line":6,"id":null,"outcome":"rejected","detail":"id: must not be empty, expected job_ and 1 to 60 of )"
      R"(A-Z, a-z, 0-9, _ and -"})"
      "\n"
      R"({"line":7,"id":"job_e","outcome":"rejected","detail":"contact_id: there is no contact )" +
          Uuid(9) +
          "\"}\n"
          R"({"line":8,"id":"job_f","outcome":"inserted"})"
          "\n"
          R"({"line":9,"id":null,"outcome":"rejected","detail":"expected 4 columns as in the first line, found 1"})"
          "\n"
          R"({"line":10,"id":"job_f","outcome":"rejected","detail":"id: \"job_f\" is also the id of line 8; keep )"
          R"(one of them"})"
          "\n");
}

TEST_F(FeedTest, DeletesByIdAlone) {
  Outcomes("id,name\n" + Uuid(1) + ",A\n" + Uuid(2) + ",B\n", {});
  Notes notes;
  const auto summary = Feed("id,name\n" + Uuid(1) + ",whatever\n" + Uuid(3) + ",\nx,\n",
                            {.operation = ImportOperation::kDelete, .on_bad_row = OnBadRow::kSkip}, notes);
  EXPECT_EQ(summary.deleted, 1U);
  EXPECT_EQ(summary.unchanged, 1U);
  EXPECT_EQ(summary.rejected, 1U);
  EXPECT_EQ(Contacts(), 1);
  EXPECT_EQ(Outcomes("{\"id\":\"" + Uuid(2) + "\"}\n",
                     {.operation = ImportOperation::kDelete, .format = ImportFormat::kNdjson}),
            "{\"line\":1,\"id\":\"" + Uuid(2) + "\",\"outcome\":\"deleted\"}\n");
  EXPECT_EQ(Contacts(), 0);
}

TEST_F(FeedTest, WritesFileRowsOfBlobsThatTheTenantHas) {
  Outcomes("id,title,status\njob_1,A,pending\n", {.kind = ImportKind::kJobs});
  const std::string good = base::ToHex(blob_);
  const std::string upper = [&] {
    std::string text = good;
    for (char& c : text) c = static_cast<char>(std::toupper(c));
    return text;
  }();
  Notes notes;
  const auto summary = Feed(
      "job_id,id,name,sha256,content_type,size\n"
      "job_1,file_1,a.pdf," +
          good +
          ",application/pdf,10\n"
          "job_1,file_2,b.png," +
          upper +
          ",image/png,\n"
          "job_1,file_3,a.pdf," +
          good +
          ",,\n"
          "job_2,file_1,a.pdf," +
          good +
          ",,\n"
          "job_1,file_4,d.pdf," +
          std::string(64, '0') +
          ",,\n"
          "job_1,file_5,e.pdf," +
          good +
          ",,11\n"
          "job_1,file_6,../e.pdf," +
          good +
          ",,\n"
          "job_1,file_7,f.pdf," +
          good +
          ",pdf,\n"
          "job_1,file_8,g.pdf,12,,\n"
          "job_1,x,g.pdf," +
          good +
          ",,\n"
          "job_1,file_1,h.pdf," +
          good + ",,\n",
      {.kind = ImportKind::kFiles, .on_bad_row = OnBadRow::kSkip}, notes);
  EXPECT_EQ(summary.inserted, 2U);
  EXPECT_EQ(summary.rejected, 9U);
  std::vector<std::string> details;
  for (std::size_t at = 0; at < notes.text.size();) {
    const std::size_t end = notes.text.find('\n', at);
    const auto line = nlohmann::json::parse(notes.text.substr(at, end - at));
    if (line.at("outcome") == "rejected") details.push_back(line.at("detail"));
    at = end + 1;
  }
  const std::vector<std::string> expected = {"name: The job already has a file of that name, file_1",
                                             "job_id: there is no job job_2",
                                             "sha256: there is no blob 000",
                                             "size: is 11, but the blob has 10 bytes",
                                             "name: \"../e.pdf\" is no file name",
                                             "content_type: \"pdf\" is no media type",
                                             "sha256: \"12\" is no SHA-256",
                                             "id: \"x\" is no file's id",
                                             "id: \"file_1\" is also the id of line 2"};
  ASSERT_EQ(details.size(), expected.size());
  for (std::size_t i = 0; i < details.size(); ++i) EXPECT_TRUE(details[i].starts_with(expected[i])) << details[i];

  const auto snapshot = database_->reader({0}).Begin(false);
  std::string kinds;
  ASSERT_TRUE(database_->reader({0}).files.List(tenant_, "job_1", {}, [&](const model::FileView& file) {
    kinds +=
        std::string(file.name) + " " + std::string(ToText(file.kind)) + " " + std::to_string(file.size_bytes) + ";";
  }));
  EXPECT_EQ(kinds, "b.png photo 10;a.pdf document 10;");
}

TEST_F(FeedTest, ARetryWithTheSameKeyTellsTheSameAndTouchesNoRow) {
  const std::string csv = ThreeBatches();
  Notes first;
  const auto done = Feed(csv, kTens, first, "k");
  EXPECT_EQ(done.inserted, 23U);
  EXPECT_EQ(done.rejected, 2U);
  EXPECT_EQ(done.replayed, 0U);
  // Since then somebody has changed and removed what the feed wrote: a retry must not put it back.
  Outcomes("id,name\n" + Uuid(1) + ",Changed\n", {});
  Outcomes("id\n" + Uuid(2) + "\n", {.operation = ImportOperation::kDelete});
  const std::int64_t before = Revision();
  Notes again;
  const auto retry = Feed(csv, kTens, again, "k");
  EXPECT_EQ(again.text, first.text);
  EXPECT_EQ(retry.inserted, 23U);
  EXPECT_EQ(retry.rejected, 2U);
  EXPECT_EQ(retry.replayed, 25U);
  EXPECT_EQ(Revision(), before);
  EXPECT_EQ(Contacts(), 22);
}

TEST_F(FeedTest, ARetryDoesWhatTheFirstRequestHasLeft) {
  const std::string csv = ThreeBatches();
  Notes first;
  first.leaves_after = 1;
  EXPECT_EQ(Feed(csv, kTens, first, "k").written(), 10U);
  EXPECT_EQ(Contacts(), 10);
  Notes again;
  const auto retry = Feed(csv, kTens, again, "k");
  EXPECT_EQ(retry.replayed, 11U);
  EXPECT_EQ(retry.inserted, 23U);
  EXPECT_TRUE(again.text.starts_with(first.text));
  EXPECT_EQ(Contacts(), 23);
}

TEST_F(FeedTest, AKeyBelongsToOneRequestOfOneTenant) {
  Notes notes;
  Feed("id,name\n" + Uuid(1) + ",A\n", {}, notes, "k");
  const auto other = Feed("id,name\n" + Uuid(2) + ",B\n", {}, notes, "k");
  ASSERT_TRUE(other.failure);
  EXPECT_EQ(other.failure->code, base::ErrorCode::kConflict);
  EXPECT_EQ(Contacts(), 1);
  ImportKey key{"k", {}};
  EXPECT_EQ(CheckImportKey(key, tenant_, database_->reader({0})).error().code, base::ErrorCode::kConflict);
  EXPECT_TRUE(CheckImportKey(key, other_, database_->reader({0})));
  key.text = "other";
  EXPECT_TRUE(CheckImportKey(key, tenant_, database_->reader({0})));
}

TEST_F(FeedTest, AKeyIsKeptOfABodyWithoutRowsToo) {
  const ImportOptions ndjson{.format = ImportFormat::kNdjson};
  Notes notes;
  EXPECT_FALSE(Feed("", ndjson, notes, "k").failure);
  EXPECT_FALSE(Feed("", ndjson, notes, "k").failure);
  const auto other = Feed("{\"id\":\"" + Uuid(1) + "\",\"name\":\"A\"}\n", ndjson, notes, "k");
  ASSERT_TRUE(other.failure);
  EXPECT_EQ(other.failure->code, base::ErrorCode::kConflict);
  EXPECT_EQ(Contacts(), 0);
}

TEST_F(FeedTest, ABodyThatCannotBeReadIsNotKept) {
  const base::UniqueFd folder(::open(folder_.path().c_str(), O_RDONLY | O_CLOEXEC));
  ImportSource source(folder.get());
  const ImportKey key{"k", {}};
  Notes notes;
  EXPECT_TRUE(Import(source, kTens, tenant_, *database_, clock_, &key, notes).failure);
  const auto retry = Feed(ThreeBatches(), kTens, notes, "k");
  EXPECT_FALSE(retry.failure);
  EXPECT_EQ(retry.inserted, 23U);
}

TEST_F(FeedTest, EndsAtTheMostRowsThatARequestMayHaveAndSaysSo) {
  ImportOptions options = kTens;
  options.max_rows = 12;
  Notes notes;
  const auto ended = Feed(ThreeBatches(), options, notes, "k");
  ASSERT_TRUE(ended.failure);
  EXPECT_EQ(ended.failure->code, base::ErrorCode::kPayloadTooLarge);
  EXPECT_TRUE(ended.failure->detail.starts_with("More than 12 rows: those before line 14 are done"))
      << ended.failure->detail;
  EXPECT_EQ(ended.inserted, 11U);
  EXPECT_EQ(ended.rejected, 1U);
  EXPECT_EQ(Contacts(), 11);
  EXPECT_EQ(Feed(ThreeBatches(), options, notes, "k").replayed, 12U);
  options.max_rows = 25;
  EXPECT_FALSE(Feed(ThreeBatches(), options, notes).failure);
}

TEST_F(FeedTest, ARowThatIsDeletedTwiceIsUnchanged) {
  Outcomes("id,name\n" + Uuid(1) + ",A\n", {});
  Notes notes;
  const auto twice = Feed("id\n" + Uuid(1) + "\n" + Uuid(1) + "\n", {.operation = ImportOperation::kDelete}, notes);
  EXPECT_EQ(twice.deleted, 1U);
  EXPECT_EQ(twice.unchanged, 1U);
  EXPECT_EQ(twice.rejected, 0U);
}

TEST_F(FeedTest, AStoppedFeedIsReplayedAsItStopped) {
  Outcomes("id,name\n" + Uuid(1) + ",A\n", {});
  struct Case {
    std::string name, text;
  };
  const std::string head = "id,title,status,contact_id\n";
  for (const Case& c :
       {Case{"by the store", head + "job_1,T,pending,\njob_2,T,pending," + Uuid(5) + "\njob_3,T,pending,\nx\n"},
        Case{"by the reader", head + "job_4,T,pending,\njob_5,T,nope,\njob_6,T,pending,\n"},
        Case{"at once", head + "job_7,T,nope,\n"}, Case{"by its header", "id,titel\n"}}) {
    const ImportOptions options{.kind = ImportKind::kJobs, .batch_rows = 100};
    Notes first;
    const auto stopped = Feed(c.text, options, first, c.name);
    EXPECT_TRUE(stopped.stopped_at_line) << c.name;
    Notes again;
    const auto replayed = Feed(c.text, options, again, c.name);
    EXPECT_EQ(again.text, first.text) << c.name;
    EXPECT_EQ(replayed.stopped_at_line, stopped.stopped_at_line) << c.name;
    EXPECT_EQ(replayed.rejected, stopped.rejected) << c.name;
    EXPECT_EQ(replayed.replayed, stopped.written() + stopped.rejected) << c.name;
  }
}

TEST_F(FeedTest, WithoutAKeyNothingIsKept) {
  Notes notes;
  Feed(ThreeBatches(), kTens, notes);
  const auto again = Feed(ThreeBatches(), kTens, notes);
  EXPECT_EQ(again.unchanged, 23U);
  EXPECT_EQ(again.replayed, 0U);
}

TEST(FeedLines, SayWhetherEveryRowWasLookedAt) {
  ImportSummary summary;
  summary.inserted = 1;
  summary.replayed = 2;
  std::string line;
  AppendSummaryLine(summary, line);
  EXPECT_EQ(line, R"({"summary":{"inserted":1,"updated":0,"unchanged":0,"deleted":0,"rejected":0,"replayed":2,)"
                  "\"complete\":true}}\n");
  summary.stopped_at_line = 7;
  line.clear();
  AppendSummaryLine(summary, line);
  EXPECT_EQ(nlohmann::json::parse(line)["summary"]["complete"], false);
  EXPECT_EQ(nlohmann::json::parse(line)["summary"]["detail"], "Stopped at line 7: nothing from there on is written");
  summary.failure = base::Error{base::ErrorCode::kStorageFull, "There is no \"space\"", "errno", {}};
  line.clear();
  AppendSummaryLine(summary, line);
  EXPECT_EQ(nlohmann::json::parse(line)["summary"]["detail"], "There is no \"space\"");
}

TEST(Spool, HandsBackWhatCameAndLeavesNoName) {
  const portal::testing::TempFolder folder;
  auto spool = Spool::Create(folder.path());
  ASSERT_TRUE(spool);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  ASSERT_TRUE(spool->Append("ab"));
  ASSERT_TRUE(spool->Append("c"));
  ASSERT_TRUE(spool->Rewind());
  EXPECT_EQ(base::ToHex(spool->Digest()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  char text[8];
  EXPECT_EQ(::read(spool->fd(), text, sizeof(text)), 3);
  EXPECT_EQ(std::string_view(text, 3), "abc");
  EXPECT_EQ(Spool::Create(folder.path() / "none").error().code, base::ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace portal::service
