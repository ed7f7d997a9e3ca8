#include "resilience/rate_text.h"

#include <gtest/gtest.h>

namespace portal::resilience {
namespace {

TEST(RateText, IsAShortJsonNumber) {
  const struct {
    double rate;
    std::string_view text;
  } cases[] = {{0, "0"}, {1, "1"}, {0.5, "0.5"}, {0.6, "0.6"}, {2.0 / 3, "0.667"}, {1.0 / 3000, "0"}, {0.001, "0.001"}};
  for (const auto& c : cases) EXPECT_EQ(RateText(c.rate), c.text);
}

}  // namespace
}  // namespace portal::resilience
