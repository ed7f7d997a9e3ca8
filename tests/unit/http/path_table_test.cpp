#include "http/path_table.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace portal::http {
namespace {

TEST(PathTable, TakesTheFirstPatternThatFits) {
  const PathTable table({"/", "/livez", "/api/{name}", "/{file}"});
  struct Case {
    std::string_view path;
    std::optional<std::size_t> index;
    std::string parameter = {};
  };
  const Case cases[] = {
      {"/", 0},           {"/livez", 1},          {"/api/x", 2, "x"}, {"/admin.js", 3, "admin.js"},
      {"/api", 3, "api"}, {"/a%20b", 3, "a b"},   {"/api/", {}},      {"//", {}},
      {"/livez/", {}},    {"/admin.js/more", {}}, {"", {}},           {"*", {}},
  };
  for (const Case& each : cases) {
    const auto found = table.Find(each.path);
    ASSERT_TRUE(found) << each.path;
    ASSERT_EQ(found->has_value(), each.index.has_value()) << each.path;
    if (!each.index) continue;
    EXPECT_EQ((*found)->index, *each.index) << each.path;
    EXPECT_EQ((*found)->parameters[0], each.parameter) << each.path;
  }
}

}  // namespace
}  // namespace portal::http
