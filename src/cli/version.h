#pragma once

#include <string>
#include <utility>
#include <vector>

namespace portal::cli {

/// The libraries in this binary that matter to whoever reports a fault, by name.
std::vector<std::pair<std::string, std::string>> LibraryVersions();

}  // namespace portal::cli
