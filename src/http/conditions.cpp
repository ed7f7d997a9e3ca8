#include "http/conditions.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "base/time_text.h"
#include "http/head_syntax.h"

namespace portal::http {
namespace {

std::string_view TrimBlanksAndCommas(std::string_view list) {
  const std::size_t start = list.find_first_not_of(" \t,");
  return start == std::string_view::npos ? std::string_view{} : list.substr(start);
}

/// Takes one entity-tag, `W/"x"` or `"x"`, from the front of `list`. False when there is none.
bool TakeEntityTag(std::string_view& list, std::string_view& tag, bool& weak) {
  weak = list.starts_with("W/");
  if (weak) list.remove_prefix(2);
  if (!list.starts_with('"')) return false;
  const std::size_t close = list.find('"', 1);
  if (close == std::string_view::npos) return false;
  tag = list.substr(0, close + 1);
  list.remove_prefix(close + 1);
  return true;
}

bool IsNoTagCharacter(char c) { return (c >= 0 && c <= ' ') || c == '\x7F'; }

/// Is `etag` in `list`, or is the list `*`? Weak members count only in a weak comparison (RFC 9110 §8.8.3.2).
bool ListMatches(std::string_view list, std::string_view etag, bool weak_comparison) {
  if (TrimBlanks(list) == "*") return true;
  // Empty elements are ignored wherever they are (RFC 9110 §5.6.1.2).
  for (list = TrimBlanksAndCommas(list); !list.empty(); list = TrimBlanksAndCommas(list)) {
    std::string_view tag;
    bool weak = false;
    if (!TakeEntityTag(list, tag, weak)) return false;
    if (tag == etag && (weak_comparison || !weak)) return true;
  }
  return false;
}

std::optional<std::chrono::sys_seconds> DateField(const Head& head, std::string_view name, base::WallTime now) {
  const auto text = head.Find(name);
  if (!text) return std::nullopt;
  const auto time = base::ParseHttpDate(*text, now);
  if (!time) return std::nullopt;  // RFC 9110 §13.1.3, §13.1.4: a date that is none is as good as absent
  return std::chrono::floor<std::chrono::seconds>(*time);
}

/// A list field may be repeated; its members then count together (RFC 9110 §5.3).
bool AnyFieldMatches(const Head& head, std::string_view name, std::string_view etag, bool weak_comparison) {
  for (const HeaderField& field : head.fields) {
    if (base::EqualsIgnoreCase(field.name, name) && ListMatches(field.value, etag, weak_comparison)) return true;
  }
  return false;
}

/// Strictly `*` or a list of entity-tags (RFC 9110 §8.8.3), over all fields of that name.
base::Status CheckTags(const Head& head, std::string_view name) {
  int any = 0;
  int tags = 0;
  bool good = true;
  for (const HeaderField& field : head.fields) {
    if (!base::EqualsIgnoreCase(field.name, name)) continue;
    if (TrimBlanks(field.value) == "*") {
      ++any;
      continue;
    }
    std::string_view list = TrimBlanksAndCommas(field.value);
    while (good && !list.empty()) {
      std::string_view tag;
      bool weak = false;
      good = TakeEntityTag(list, tag, weak) && std::ranges::none_of(tag, IsNoTagCharacter);
      list = TrimBlanks(list);
      good = good && (list.empty() || list.front() == ',');
      list = TrimBlanksAndCommas(list);
      ++tags;
    }
  }
  if (!head.Find(name) || (good && (any == 1) != (tags > 0) && any <= 1)) return {};
  return base::Fail(
      base::ErrorCode::kBadRequest,
      std::string(name) + R"( must be * alone, or ETags in quotes with commas between them, as in "a", "b")");
}

tl::unexpected<base::Error> Refuse(std::string detail) {
  return base::Fail(base::ErrorCode::kPreconditionFailed, std::move(detail));
}

}  // namespace

Precondition EvaluatePreconditions(const Head& head, const Validators& current, base::WallTime now) {
  if (head.Find("If-Match")) {
    if (!AnyFieldMatches(head, "If-Match", current.etag, false)) return Precondition::kFailed;
  } else if (const auto since = DateField(head, "If-Unmodified-Since", now); since && current.last_modified) {
    if (*current.last_modified > *since) return Precondition::kFailed;
  }
  if (head.Find("If-None-Match")) {
    if (AnyFieldMatches(head, "If-None-Match", current.etag, true)) return Precondition::kNotModified;
  } else if (const auto since = DateField(head, "If-Modified-Since", now); since && current.last_modified) {
    if (*current.last_modified <= *since) return Precondition::kNotModified;
  }
  return Precondition::kProceed;
}

base::Status MayChange(const Head& head, std::optional<std::string_view> etag) {
  for (const std::string_view name : {"If-Match", "If-None-Match"}) {
    if (auto good = CheckTags(head, name); !good) return good;
  }
  if (head.Find("If-Match") && !etag) {
    return Refuse("If-Match allows a change only of what is there, and nothing is: leave it out to create it");
  }
  if (head.Find("If-Match") && !AnyFieldMatches(head, "If-Match", *etag, false)) {
    return Refuse("If-Match does not name the ETag of what is there, " + std::string(*etag) +
                  ": it has changed; read it again before you change it");
  }
  if (etag && AnyFieldMatches(head, "If-None-Match", *etag, true)) {
    return Refuse("If-None-Match does not allow to change what is there already, with the ETag " + std::string(*etag) +
                  ": to change it, leave If-None-Match out, or send If-Match with that ETag");
  }
  return {};
}

bool IfRangeHolds(const Head& head, const Validators& current, base::WallTime now) {
  const auto condition = head.Find("If-Range");
  if (!condition) return true;
  if (condition->starts_with('"')) return *condition == current.etag;
  if (condition->starts_with("W/")) return false;
  const auto date = base::ParseHttpDate(*condition, now);
  return date && current.last_modified && std::chrono::floor<std::chrono::seconds>(*date) == *current.last_modified;
}

namespace {

std::optional<std::uint64_t> ParsePosition(std::string_view digits) {
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::uint64_t value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  // A position too large for 64 bits is valid syntax and lies past every file's end.
  return result.ec == std::errc::result_out_of_range ? UINT64_MAX : value;
}

}  // namespace

RangeVerdict EvaluateRange(std::string_view range, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (range.size() < kUnit.size() || !base::EqualsIgnoreCase(range.substr(0, kUnit.size()), kUnit)) return {};
  const std::string_view spec = TrimBlanks(range.substr(kUnit.size()));
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos || spec.find(',') != std::string_view::npos) return {};
  const std::string_view first_text = spec.substr(0, dash);
  const std::string_view last_text = spec.substr(dash + 1);

  if (first_text.empty()) {  // the last N bytes
    const auto suffix = ParsePosition(last_text);
    if (!suffix) return {};
    if (*suffix == 0 || size == 0) return {RangeVerdict::Kind::kUnsatisfiable};
    const std::uint64_t length = std::min(*suffix, size);
    return {RangeVerdict::Kind::kPartial, size - length, length};
  }
  const auto first = ParsePosition(first_text);
  const auto last = last_text.empty() ? std::optional<std::uint64_t>(UINT64_MAX) : ParsePosition(last_text);
  if (!first || !last || *last < *first) return {};
  if (*first >= size) return {RangeVerdict::Kind::kUnsatisfiable};
  return {RangeVerdict::Kind::kPartial, *first, std::min(*last, size - 1) - *first + 1};
}

}  // namespace portal::http
