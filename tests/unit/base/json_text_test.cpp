#include "base/json_text.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace portal::base {
namespace {

std::string Json(std::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

TEST(JsonText, EscapesWhatRfc8259Demands) {
  const struct {
    std::string_view text;
    std::string_view json;
  } cases[] = {
      {"", R"("")"},
      {"plain", R"("plain")"},
      {R"(a"b\c/d)", R"("a\"b\\c/d")"},
      {"\n\r\t", R"("\n\r\t")"},
      {std::string_view("\0\x01\x1f", 3), R"("\u0000\u0001\u001f")"},
      {"\x7f", "\"\x7f\""},
      {"Zoë — 東京 🏠", "\"Zoë — 東京 🏠\""},
  };
  for (const auto& c : cases) EXPECT_EQ(Json(c.text), c.json);
}

TEST(JsonText, FindsWhatNeedsEscapingAtEveryPlaceOfALongText) {
  const std::string_view specials[] = {"\"", "\\", "\n", "\x1f", "\xff"};
  const std::string_view escaped[] = {"\\\"", "\\\\", "\\n", "\\u001f", "\xEF\xBF\xBD"};
  for (std::size_t kind = 0; kind < std::size(specials); ++kind) {
    for (std::size_t before = 0; before < 20; ++before) {
      for (std::size_t after = 0; after < 20; ++after) {
        const std::string left(before, 'a');
        const std::string right(after, '~');
        ASSERT_EQ(Json(left + std::string(specials[kind]) + right),
                  '"' + left + std::string(escaped[kind]) + right + '"');
      }
    }
  }
}

TEST(JsonText, ReplacesEachByteThatIsNotUtf8) {
  EXPECT_EQ(Json("a\xff\xfe"
                 "b"),
            "\"a\xEF\xBF\xBD\xEF\xBF\xBD"
            "b\"");
  EXPECT_EQ(Json("cut \xe6\x9d"), "\"cut \xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonText, FindsTheFirstByteThatIsNotUtf8) {
  const struct {
    std::string_view text;
    std::size_t valid;
  } cases[] = {
      {"ascii", 5},
      {"é", 2},
      {"\xc0\xaf", 0},          // overlong
      {"a\xed\xa0\x80", 1},     // a surrogate
      {"\xf4\x90\x80\x80", 0},  // past U+10FFFF
      {"\xf4\x8f\xbf\xbf", 4},
      {"ab\x80", 2},
      {"\xe0\x80\x80", 0},  // overlong
      {"\xf0\x9f\x8f", 0},  // cut
  };
  for (const auto& c : cases) EXPECT_EQ(ValidUtf8Prefix(c.text), c.valid) << c.text;
}

TEST(JsonText, AppendsEveryIntegerThatFits) {
  std::string out;
  AppendDecimal(INT64_MIN, out);
  out += ' ';
  AppendDecimal(0, out);
  out += ' ';
  AppendDecimal(INT64_MAX, out);
  EXPECT_EQ(out, "-9223372036854775808 0 9223372036854775807");
}

}  // namespace
}  // namespace portal::base
