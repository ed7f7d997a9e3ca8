#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace portal::config {

/// How many insertions, deletions, substitutions and swaps of neighbours turn `a` into `b`
/// (optimal string alignment), capped: inputs longer than 64 bytes are compared by their first 64.
std::size_t EditDistance(std::string_view a, std::string_view b);

/// The candidate that was most likely meant by `text`, or an empty view where none is close: at most a
/// third of its letters may differ, or one of the two is the tail of the other (`loops`, `net.loops`).
std::string_view Nearest(std::string_view text, std::span<const std::string_view> candidates);

}  // namespace portal::config
