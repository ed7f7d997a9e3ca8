// JSON Merge Patch: whatever is taken gives what the reference gives, which is nlohmann's RFC 7396; what is refused is
// no JSON, or holds what a patch may not.
//
// Input: a text whose length is the first byte, the target; then the patch.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/input.h"
#include "fuzz/require.h"
#include "service/rows/merge_patch.h"

namespace portal::fuzz {
namespace {

using nlohmann::json;

/// As the target of a patch may be: JSON without repeated names and too many levels. nullopt: it may not.
std::optional<json> Reference(std::string_view text) {
  // The reference takes a byte order mark for nothing and a NUL for the end.
  if (text.starts_with("\xEF\xBB\xBF") || text.find('\0') != text.npos) return std::nullopt;
  std::vector<std::vector<std::string>> open;
  bool usable = true;
  int arrays = 0;
  const auto look = [&](int depth, json::parse_event_t event, json& parsed) {
    switch (event) {
      case json::parse_event_t::object_start:
        open.emplace_back();
        usable &= depth < service::kMaxMergeDepth;
        break;
      case json::parse_event_t::array_start:
        ++arrays;
        usable &= depth < service::kMaxMergeDepth;
        break;
      case json::parse_event_t::array_end:
        --arrays;
        break;
      case json::parse_event_t::object_end:
        open.pop_back();
        break;
      case json::parse_event_t::key:
        if (arrays == 0) {  // arrays are replaced whole, and nobody looks into them
          usable &= std::ranges::find(open.back(), parsed.get<std::string>()) == open.back().end();
        }
        open.back().push_back(parsed);
        break;
      case json::parse_event_t::value:
        break;
    }
    return true;
  };
  json parsed = json::parse(text, look, false);
  if (parsed.is_discarded() || !usable) return std::nullopt;
  return parsed;
}

/// A number like 0e999: the reference takes it for 0, the parser does not.
bool HasLongExponent(std::string_view text) {
  for (std::size_t at = text.find_first_of("eE"); at != text.npos; at = text.find_first_of("eE", at + 1)) {
    const std::size_t digits = text.find_first_not_of("+-", at + 1);
    if (digits == text.npos) return false;
    const std::size_t end = std::min(text.find_first_not_of("0123456789", digits), text.size());
    if (end - digits >= 3) return true;
  }
  return false;
}

void Test(Input input) {
  const std::string target(input.Text());
  const std::string patch(input.Rest());
  auto before = Reference(target);
  const auto changes = Reference(patch);
  const auto merged = service::MergePatch(target, patch);
  const bool unclear = HasLongExponent(target) || HasLongExponent(patch);
  Require(merged.has_value() == (before && changes) || unclear, "what can be read is merged, and nothing else");
  if (merged.has_value() != (before && changes)) return;
  if (!merged) {
    Require(merged.error().code == base::ErrorCode::kBadRequest, "whoever sent it is told");
    return;
  }
  before->merge_patch(*changes);
  const auto after = Reference(*merged);
  Require(after && *after == *before, "it is what RFC 7396 says");
  Require(*service::MergePatch(*merged, patch) == *merged, "the same patch again changes nothing");
}

}  // namespace
}  // namespace portal::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portal::fuzz::Test({data, size});
  return 0;
}
