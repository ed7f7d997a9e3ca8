#include "api/parameters.h"

#include <gtest/gtest.h>

#include <array>

#include "base/time_text.h"

namespace portal::api {
namespace {

constexpr std::array<std::string_view, 2> kKinds = {"document", "photo"};

TEST(Parameters, ReadsWholeNumbersWithinTheirRange) {
  const struct {
    std::string_view query;
    std::int64_t value;
    bool valid;
  } cases[] = {
      {"", 50, true},
      {"limit=1", 1, true},
      {"limit=200", 200, true},
      {"limit=0", 50, false},
      {"limit=-1", 50, false},
      {"limit=201", 50, false},
      {"limit=1e3", 50, false},
      {"limit=1000000000", 50, false},
      {"limit=", 50, false},
      {"limit=5.0", 50, false},
      {"limit=+5", 50, false},
      {"limit=%205", 50, false},
      {"limit=0x10", 50, false},
      {"limit", 50, false},
      {"limit=99999999999999999999", 50, false},
      {"limit=007", 7, true},
      {"limit=5&limit=5", 5, false},
  };
  for (const auto& c : cases) {
    auto parameters = Parameters::Parse(c.query);
    ASSERT_TRUE(parameters);
    EXPECT_EQ(parameters->Integer("limit", 50, 1, 200), c.value) << c.query;
    EXPECT_EQ(parameters->Finish().has_value(), c.valid) << c.query;
  }
}

TEST(Parameters, ReportsEveryMistakeAtOnce) {
  auto parameters = Parameters::Parse("limit=0&kind=song&since=2025-02-30T00:00:00Z&token=secret&q=");
  ASSERT_TRUE(parameters);
  parameters->Integer("limit", 50, 1, 200);
  EXPECT_FALSE(parameters->OneOf("kind", kKinds));
  EXPECT_FALSE(parameters->Time("since"));
  EXPECT_FALSE(parameters->Text("q", 10));
  const auto status = parameters->Finish();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, base::ErrorCode::kValidation);
  ASSERT_EQ(status.error().parameters.size(), 5u);
  EXPECT_EQ(status.error().parameters[0].detail, "Is '0'; must be a whole number from 1 to 200");
  EXPECT_EQ(status.error().parameters[1].detail, "Is 'song'; must be one of document, photo");
  EXPECT_EQ(status.error().parameters[4].parameter, "token");
  for (const auto& error : status.error().parameters) EXPECT_EQ(error.detail.find("secret"), std::string::npos);
}

TEST(Parameters, AnswersAShortQueryShortly) {
  std::string query = "q=" + std::string(300, 'x');
  for (int i = 0; i < 3000; ++i) query += "&a";
  auto parameters = Parameters::Parse(query);
  ASSERT_TRUE(parameters);
  EXPECT_FALSE(parameters->Text("q", 256));
  const auto status = parameters->Finish();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().parameters.front().detail, "Is 300 bytes long; must be at most 256");
  EXPECT_EQ(status.error().parameters.size(), 20u);
  EXPECT_EQ(status.error().detail, "3001 query parameters are not valid");
}

TEST(Parameters, UnderstandsAnOffsetWhosePlusWasNotEscaped) {
  for (const std::string_view query :
       {"since=2025-09-02T04:05:23+02:00", "since=2025-09-02T04:05:23%2B02:00", "since=2025-09-02T02:05:23Z"}) {
    auto parameters = Parameters::Parse(query);
    const auto time = parameters->Time("since");
    ASSERT_TRUE(time) << query;
    EXPECT_EQ(base::FormatRfc3339(*time), "2025-09-02T02:05:23.000Z");
  }
}

}  // namespace
}  // namespace portal::api
