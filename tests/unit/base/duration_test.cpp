#include "base/duration.h"

#include <gtest/gtest.h>

namespace portal::base {
namespace {

TEST(Duration, IsANumberAndAUnit) {
  const struct {
    std::string_view text;
    std::int64_t ms;
    std::string_view shortest;
  } cases[] = {{"15m", 900'000, "15m"},   {"90s", 90'000, "90s"}, {"250ms", 250, "250ms"},
               {"24h", 86'400'000, "1d"}, {"0s", 0, "0s"},        {"60s", 60'000, "1m"}};
  for (const auto& c : cases) {
    ASSERT_TRUE(ParseDuration(c.text)) << c.text;
    EXPECT_EQ(ParseDuration(c.text)->count(), c.ms);
    EXPECT_EQ(FormatDuration(std::chrono::milliseconds{c.ms}), c.shortest);
  }
  for (const std::string_view text :
       {"", "15", "m", "-1s", "1.5h", "15 m", "15min", "99999999999999999999s", "9223372036854775807d"}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
}

}  // namespace
}  // namespace portal::base
