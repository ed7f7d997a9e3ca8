#pragma once

#include <string>
#include <vector>

namespace portal::cli {

/// Rows as columns of the width of their longest cell, in characters; the first row is the head.
std::string TextTable(const std::vector<std::vector<std::string>>& rows);

}  // namespace portal::cli
