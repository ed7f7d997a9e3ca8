#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace portal::service {

inline constexpr std::size_t kTarBlockBytes = 512;
using TarBlock = std::array<char, kTarBlockBytes>;

/// A regular file in an archive.
struct TarEntry {
  std::string name;  ///< 1 to 100 bytes of `[A-Za-z0-9_./-]`, relative, without `.` and `..`
  std::uint64_t size_bytes = 0;
};

/// The bytes that fill up an entry's last block.
constexpr std::size_t TarPadding(std::uint64_t size_bytes) {
  return static_cast<std::size_t>((kTarBlockBytes - size_bytes % kTarBlockBytes) % kTarBlockBytes);
}

/// POSIX.1-1988 ustar: a regular file, rw-------, of user 0. Sizes from 8 GiB on, for which ustar has no digits, are
/// binary, as GNU tar, BSD tar and Python's tarfile read them. REQUIRES: a name as TarEntry has it, and a size below
/// 2^63.
TarBlock TarHeader(const TarEntry& entry, base::WallTime modified_at);

/// nullopt: a block of zeroes, as two of them end an archive. kValidation for whatever TarHeader does not write: other
/// kinds of entries (links, folders, devices, extended headers), other names, a wrong checksum.
base::Result<std::optional<TarEntry>> ParseTarHeader(const TarBlock& block);

}  // namespace portal::service
