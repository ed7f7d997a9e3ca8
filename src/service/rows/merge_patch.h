#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace portal::service {

/// Applies a JSON Merge Patch (RFC 7396) to a JSON text and returns the new one: members of `patch` replace those of
/// `target`, null removes them, objects are merged, and all else, arrays included, is replaced whole. Numbers keep
/// the digits they are written with. kBadRequest where one of the two is no JSON (RFC 8259) in UTF-8, has a number
/// with an exponent that no double has, names a member of an object twice, or nests deeper than kMaxMergeDepth.
base::Result<std::string> MergePatch(std::string_view target, std::string_view patch);

inline constexpr int kMaxMergeDepth = 64;

}  // namespace portal::service
