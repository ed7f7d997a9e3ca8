#pragma once

#include <cstdint>
#include <string>

namespace portal::cli {

// Numbers as people read them.

/// `1,247`.
std::string Grouped(std::uint64_t number);
/// `1 row`, `1,247 rows`.
std::string Counted(std::uint64_t count, const std::string& noun);
/// With one digit behind the point.
std::string Decimal(double value);
/// `512 bytes`, `1.5 MiB`.
std::string ByteSize(std::uint64_t bytes);

}  // namespace portal::cli
