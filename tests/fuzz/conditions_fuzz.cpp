// http/conditions against slow references: entity-tag lists whose truth is known by construction, dates likewise,
// and ranges read by a regular expression.
//
// Input: choices, one after the other; see fuzz/input.h.

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_text.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "http/conditions.h"

namespace portal::fuzz {
namespace {

using http::Precondition;
using http::RangeVerdict;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr std::string_view kCurrent = "\"current\"";
constexpr base::WallTime kNow{seconds{1756778723}};

/// A list field as a client may write it, and whether it names the current representation.
struct TagList {
  std::vector<std::string> lines;
  bool matches_strongly = false;
  bool matches_weakly = false;
};

TagList MakeTagList(Input& input) {
  constexpr std::array<std::string_view, 8> kTags = {kCurrent,  kCurrent,    "\"other\"",   "\"\"",
                                                     "\"a,b\"", "\"current", "\"CURRENT\"", "\"W/\""};
  constexpr std::array<std::string_view, 6> kSeparators = {",", ", ", " , ", ",,", " ,\t, ", "\t,"};
  TagList list;
  for (std::size_t fields = 1 + input.Below(2); fields > 0; --fields) {
    std::string& line = list.lines.emplace_back();
    const std::size_t members = input.Below(5);
    if (members == 4) {
      line = "*";
      list.matches_strongly = list.matches_weakly = true;
      continue;
    }
    bool readable = true;  // up to the first member that is no entity-tag
    for (std::size_t i = 0; i < members; ++i) {
      if (i > 0 || input.Flag()) line += input.OneOf<std::string_view>(kSeparators);
      const std::string_view tag = input.OneOf<std::string_view>(kTags);
      const bool weak = input.Flag();
      line.append(weak ? "W/" : "").append(tag);
      if (tag == "\"current") readable = false;
      if (readable && tag == kCurrent) {
        list.matches_weakly = true;
        list.matches_strongly |= !weak;
      }
      if (!readable) break;
    }
  }
  return list;
}

/// A date field and the time it means; nullopt when it is none.
struct DateText {
  std::string text;
  std::optional<sys_seconds> time;
};

DateText MakeDate(Input& input, sys_seconds about) {
  if (input.Below(8) == 0) return {"Someday, 06 Nov 1994 08:49:37 GMT", std::nullopt};
  const sys_seconds time = about + seconds(static_cast<int>(input.Below(5)) - 2);
  std::string text;
  base::AppendHttpDate(time, text);
  return {text, time};
}

void TestPreconditions(Input& input) {
  const sys_seconds about{seconds{static_cast<std::int64_t>(input.Number() % 4'000'000'000)}};
  const bool dated = input.Byte() % 8 != 0;
  const http::Validators current{kCurrent, dated ? std::optional(about) : std::nullopt};
  const auto choices = input.Byte();
  const TagList match = MakeTagList(input);
  const TagList none_match = MakeTagList(input);
  const DateText unmodified = MakeDate(input, about);
  const DateText modified = MakeDate(input, about);

  http::Head head;
  const auto add = [&](int bit, std::string_view name, const std::string& value) {
    if ((choices & bit) != 0) head.fields.push_back({name, value});
  };
  for (const auto& line : match.lines) add(1, "If-Match", line);
  for (const auto& line : none_match.lines) add(2, "if-none-match", line);
  add(4, "If-Unmodified-Since", unmodified.text);
  add(8, "IF-MODIFIED-SINCE", modified.text);
  if ((choices & 16) != 0) std::reverse(head.fields.begin(), head.fields.end());

  // RFC 9110 §13.2.2, step by step.
  Precondition expected = Precondition::kProceed;
  if ((choices & 1) != 0) {
    if (!match.matches_strongly) expected = Precondition::kFailed;
  } else if ((choices & 4) != 0 && dated && unmodified.time && about > *unmodified.time) {
    expected = Precondition::kFailed;
  }
  if (expected == Precondition::kProceed) {
    if ((choices & 2) != 0) {
      if (none_match.matches_weakly) expected = Precondition::kNotModified;
    } else if ((choices & 8) != 0 && dated && modified.time && about <= *modified.time) {
      expected = Precondition::kNotModified;
    }
  }
  Require(http::EvaluatePreconditions(head, current, kNow) == expected, "conditions are judged as RFC 9110 says");
}

void TestIfRange(Input& input) {
  const sys_seconds about{seconds{static_cast<std::int64_t>(input.Number() % 4'000'000'000)}};
  const bool dated = input.Byte() % 8 != 0;
  const http::Validators current{kCurrent, dated ? std::optional(about) : std::nullopt};
  const bool by_date = input.Flag();
  const DateText date = MakeDate(input, about);
  const bool weak = input.Flag();
  const bool same = input.Flag();
  const std::string tag = std::string(weak ? "W/" : "").append(same ? kCurrent : "\"other\"");

  http::Head head;
  head.fields.push_back({"If-Range", by_date ? std::string_view(date.text) : std::string_view(tag)});
  const bool expected = by_date ? dated && date.time == about : same && !weak;
  Require(http::IfRangeHolds(head, current, kNow) == expected, "If-Range holds for the exact strong validator alone");
}

/// Digits as a number; as much as fits when they are too many.
std::uint64_t Saturated(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char c : digits) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
    value = value > (kMost - digit) / 10 ? kMost : value * 10 + digit;
  }
  return value;
}

/// RFC 9110 §14.1.2 by a regular expression.
RangeVerdict ReferenceRange(const std::string& field, std::uint64_t size) {
  static const std::regex kSingle("bytes=[ \t]*(?:([0-9]+)-([0-9]*)|-([0-9]+))[ \t]*", std::regex::icase);
  std::smatch match;
  if (!std::regex_match(field, match, kSingle)) return {};
  if (match[3].matched) {
    const std::uint64_t suffix = std::min(Saturated(match[3].str()), size);
    if (suffix == 0) return {RangeVerdict::Kind::kUnsatisfiable};
    return {RangeVerdict::Kind::kPartial, size - suffix, suffix};
  }
  const std::uint64_t first = Saturated(match[1].str());
  const bool open = match[2].length() == 0;
  const std::uint64_t last = open ? std::numeric_limits<std::uint64_t>::max() : Saturated(match[2].str());
  if (last < first) return {};
  if (first >= size) return {RangeVerdict::Kind::kUnsatisfiable};
  return {RangeVerdict::Kind::kPartial, first, std::min(last, size - 1) - first + 1};
}

void TestRange(Input& input) {
  const std::uint64_t size = input.Flag() ? input.Byte() : input.Number();
  std::string field(input.Flag() ? "bytes=" : "");
  field += input.Text();

  const RangeVerdict verdict = http::EvaluateRange(field, size);
  if (verdict.kind == RangeVerdict::Kind::kPartial) {
    Require(verdict.length > 0 && verdict.offset < size && verdict.length <= size - verdict.offset,
            "a partial range lies inside the file");
  }
  // A NUL is never in a field value, and the expression's library treats line ends in ways of its own.
  if (field.find_first_of(std::string_view("\0\r\n", 3)) != std::string::npos) return;
  const RangeVerdict expected = ReferenceRange(field, size);
  Require(verdict.kind == expected.kind && verdict.offset == expected.offset && verdict.length == expected.length,
          "a range is what the grammar says");
}

/// Any text at all, where only relations are known.
void TestAnyText(Input& input) {
  const std::string text(input.Text());
  const std::string tag = '"' + std::string(input.Text()) + '"';
  const http::Validators current{tag, std::chrono::floor<seconds>(kNow)};
  const auto with = [&](std::string_view name) {
    http::Head head;
    head.fields.push_back({name, text});
    return head;
  };
  const bool strong = http::EvaluatePreconditions(with("If-Match"), current, kNow) == Precondition::kProceed;
  const bool weak = http::EvaluatePreconditions(with("If-None-Match"), current, kNow) == Precondition::kNotModified;
  Require(!strong || weak, "what matches strongly matches weakly");
  if (http::IfRangeHolds(with("If-Range"), current, kNow) && text.starts_with('"')) {
    Require(text == tag, "If-Range holds for the tag itself");
  }

  if (const auto time = base::ParseHttpDate(text, kNow)) {
    std::string again;
    base::AppendHttpDate(*time, again);
    Require(again.size() == 29 && base::ParseHttpDate(again, kNow) == time, "a date that was read can be written");
  }
}

void Test(Input input) {
  switch (input.Below(4)) {
    case 0:
      return TestPreconditions(input);
    case 1:
      return TestIfRange(input);
    case 2:
      return TestRange(input);
    default:
      return TestAnyText(input);
  }
}

}  // namespace
}  // namespace portal::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portal::fuzz::Test({data, size});
  return 0;
}
