#include "base/time_text.h"

#include <gtest/gtest.h>

#include <random>

namespace portal::base {
namespace {

using std::chrono::milliseconds;

WallTime At(std::int64_t ms) { return WallTime{milliseconds{ms}}; }

TEST(Rfc3339, ReadsWhatTheStandardAllows) {
  const struct {
    std::string_view text;
    std::int64_t ms;
  } cases[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"2025-09-02T02:05:23.456Z", 1756778723456},
      {"2025-09-02t02:05:23.4567891z", 1756778723456},
      {"2025-09-02 02:05:23Z", 1756778723000},
      {"2025-09-02T04:05:23+02:00", 1756778723000},
      {"2025-09-01T21:35:23.5-04:30", 1756778723500},
      {"2024-02-29T23:59:59.999Z", 1709251199999},
      {"0000-01-01T00:00:00Z", -62167219200000},
  };
  for (const auto& c : cases) {
    const auto time = ParseRfc3339(c.text);
    ASSERT_TRUE(time) << c.text;
    EXPECT_EQ(time->time_since_epoch().count(), c.ms) << c.text;
  }
}

TEST(Rfc3339, RefusesWhatDoesNotExistOrIsNotComplete) {
  for (const std::string_view text :
       {"", "2025-09-02", "2025-09-02T02:05:23", "2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "2025-00-10T00:00:00Z",
        "2025-04-31T00:00:00Z", "2025-09-02T24:00:00Z", "2025-09-02T00:60:00Z", "2016-12-31T23:59:60Z",
        "2025-09-02T02:05:23.Z", "2025-09-02T02:05:23+2:00", "2025-09-02T02:05:23+24:00", "2025-09-02T02:05:23Zx",
        " 2025-09-02T02:05:23Z", "+025-09-02T02:05:23Z", "0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"}) {
    EXPECT_FALSE(ParseRfc3339(text)) << text;
  }
}

TEST(Rfc3339, ReadsBackWhatItWrites) {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<std::int64_t> any(-62167219200000, 253402300799999);
  for (int i = 0; i < 10'000; ++i) {
    const WallTime time = At(any(random));
    const std::string text = FormatRfc3339(time);
    ASSERT_EQ(text.size(), 24u);
    ASSERT_EQ(ParseRfc3339(text), time) << text;
  }
}

TEST(HttpDate, WritesImfFixdate) {
  std::string out;
  AppendHttpDate(At(784111777999), out);
  EXPECT_EQ(out, "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(HttpDate, ReadsAllThreeFormsOfRfc9110) {
  const WallTime now = At(1756778723456);
  for (const std::string_view text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
    const auto time = ParseHttpDate(text, now);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(time->time_since_epoch().count(), 784111777000) << text;
  }
}

TEST(HttpDate, TakesATwoDigitYearFarAheadForOneInThePast) {
  const WallTime now = At(1756778723456);  // 2025
  EXPECT_EQ(FormatRfc3339(*ParseHttpDate("Friday, 01-Jan-75 00:00:00 GMT", now)), "2075-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatRfc3339(*ParseHttpDate("Thursday, 01-Jan-76 00:00:00 GMT", now)), "1976-01-01T00:00:00.000Z");
}

TEST(HttpDate, RefusesEverythingElse) {
  for (const std::string_view text : {"", "yesterday", "Sun, 06 Nov 1994 08:49:37", "Sun, 6 Nov 1994 08:49:37 GMT",
                                      "Sun, 31 Feb 1994 08:49:37 GMT", "2025-09-02T02:05:23Z"}) {
    EXPECT_FALSE(ParseHttpDate(text, At(0))) << text;
  }
}

}  // namespace
}  // namespace portal::base
