#include "config/nearest.h"

#include <gtest/gtest.h>

#include <array>

namespace portal::config {
namespace {

TEST(EditDistance, CountsTheFewestEdits) {
  struct Case {
    std::string_view a, b;
    std::size_t distance;
  };
  for (const Case& c : {Case{"", "", 0}, Case{"abc", "", 3}, Case{"listen", "listen", 0}, Case{"lisen", "listen", 1},
                        Case{"litsen", "listen", 1}, Case{"LISTEN", "listen", 0}, Case{"kitten", "sitting", 3}}) {
    EXPECT_EQ(EditDistance(c.a, c.b), c.distance) << c.a << " " << c.b;
    EXPECT_EQ(EditDistance(c.b, c.a), c.distance) << c.b << " " << c.a;
  }
}

TEST(Nearest, NamesWhatWasMeantAndNothingWhereNothingIsClose) {
  static constexpr std::array<std::string_view, 4> kKnown = {"listen", "data_dir", "net.loops", "log.level"};
  struct Case {
    std::string_view text, nearest;
  };
  for (const Case& c :
       {Case{"lisen", "listen"}, Case{"data-dir", "data_dir"}, Case{"datadir", "data_dir"}, Case{"loops", "net.loops"},
        Case{"server.listen", "listen"}, Case{"log.levle", "log.level"}, Case{"zebra", ""}, Case{"", ""}}) {
    EXPECT_EQ(Nearest(c.text, kKnown), c.nearest) << c.text;
  }
}

}  // namespace
}  // namespace portal::config
