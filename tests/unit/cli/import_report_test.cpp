#include "cli/import_report.h"

#include <gtest/gtest.h>

#include "unit/cli/memory_console.h"

namespace portal::cli {
namespace {

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class ImportReports : public ::testing::Test {
 protected:
  MemoryFile data_, messages_;
  Console console_{data_.file(), messages_.file(), {}};
  ImportReport report_{console_, service::ImportOperation::kUpsert, 0, false};
};

TEST_F(ImportReports, SayWhereItStoppedUnlessTheStoreFailed) {
  service::ImportSummary summary;
  summary.stopped_at_line = 7;
  report_.Finish("a.csv", summary);
  EXPECT_TRUE(Has(messages_.Text(), "stopped at line 7: nothing from there on is written"));
  EXPECT_TRUE(Has(report_.Json(summary), R"("stopped_at_line":7,"failure":null,)"));
}

TEST_F(ImportReports, TellFailureAndBadRowsTogether) {
  service::ImportSummary summary;
  summary.rejected = 1;
  summary.bad_rows.push_back({7, 3, "name: must not be empty"});
  summary.stopped_at_line = 7;
  summary.failure = base::Error{base::ErrorCode::kStorageFull, "No space", "a path", {}};
  report_.Finish("a.csv", summary);
  EXPECT_TRUE(Has(messages_.Text(), "a.csv:7:3: name: must not be empty"));
  EXPECT_FALSE(Has(messages_.Text(), "stopped at line"));
  EXPECT_TRUE(Has(report_.Json(summary), R"("failure":"No space",)"));
}

}  // namespace
}  // namespace portal::cli
