#include "service/archive/tar_header.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace portal::service {
namespace {

struct Field {
  std::size_t offset;
  std::size_t size;
};
constexpr Field kName{0, 100};
constexpr Field kMode{100, 8};
constexpr Field kUser{108, 8};
constexpr Field kGroup{116, 8};
constexpr Field kSize{124, 12};
constexpr Field kModified{136, 12};
constexpr Field kChecksum{148, 8};
constexpr std::size_t kKind = 156;
constexpr Field kLink{157, 100};
constexpr Field kMagic{257, 8};
constexpr Field kPrefix{345, 155};

constexpr char kRegularFile = '0';
constexpr std::string_view kUstar("ustar\00000", 8);
constexpr char kBinarySize = '\x80';
constexpr std::uint64_t kFirstBinarySize = std::uint64_t{1} << 33;  // eleven octal digits end before

auto Refuse(const std::string& what) { return base::Fail(base::ErrorCode::kValidation, what); }

std::string_view Bytes(const TarBlock& block, Field field) { return {block.data() + field.offset, field.size}; }

/// Octal digits and a NUL fill the field.
void PutOctal(TarBlock& block, Field field, std::uint64_t value) {
  for (std::size_t at = field.size - 1; at > 0; --at) {
    block[field.offset + at - 1] = static_cast<char>('0' + value % 8);
    value /= 8;
  }
}

void PutSize(TarBlock& block, std::uint64_t value) {
  if (value < kFirstBinarySize) return PutOctal(block, kSize, value);
  for (std::size_t at = kSize.size - 1; at > 0; --at) {
    block[kSize.offset + at] = static_cast<char>(value % 256);
    value /= 256;
  }
  block[kSize.offset] = kBinarySize;
}

std::optional<std::uint64_t> ParseOctal(std::string_view field) {
  std::uint64_t value = 0;
  for (const char c : field.substr(0, field.size() - 1)) {
    if (c < '0' || c > '7') return std::nullopt;
    value = value * 8 + static_cast<std::uint64_t>(c - '0');
  }
  if (field.back() != '\0') return std::nullopt;
  return value;
}

std::optional<std::uint64_t> ParseSize(std::string_view field) {
  if (field.front() != kBinarySize) return ParseOctal(field);
  std::uint64_t value = 0;
  for (const char c : field.substr(1)) {
    if (value >> 55 != 0) return std::nullopt;  // would not stay below 2^63
    value = value << 8 | static_cast<unsigned char>(c);
  }
  if (value < kFirstBinarySize) return std::nullopt;
  return value;
}

/// The sum of all bytes, those of the checksum itself counted as spaces.
std::uint64_t ChecksumOf(const TarBlock& block) {
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < block.size(); ++at) {
    const bool own = at >= kChecksum.offset && at < kChecksum.offset + kChecksum.size;
    sum += own ? static_cast<unsigned char>(' ') : static_cast<unsigned char>(block[at]);
  }
  return sum;
}

void PutChecksum(TarBlock& block) {
  PutOctal(block, {kChecksum.offset, kChecksum.size - 1}, ChecksumOf(block));
  block[kChecksum.offset + kChecksum.size - 1] = ' ';
}

/// nullopt where the field is no name that TarEntry has.
std::optional<std::string> ParseName(std::string_view field) {
  const std::size_t size = std::min(field.find('\0'), field.size());
  if (field.find_first_not_of('\0', size) != std::string_view::npos) return std::nullopt;
  const std::string_view name = field.substr(0, size);
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '/' || c == '-';
  };
  if (!std::ranges::all_of(name, is_plain)) return std::nullopt;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return std::nullopt;
    begin = end + 1;
  }
  return std::string(name);
}

}  // namespace

TarBlock TarHeader(const TarEntry& entry, base::WallTime modified_at) {
  TarBlock block{};
  std::memcpy(block.data() + kName.offset, entry.name.data(), std::min(entry.name.size(), kName.size));
  PutOctal(block, kMode, 0600);
  PutOctal(block, kUser, 0);
  PutOctal(block, kGroup, 0);
  PutSize(block, entry.size_bytes);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(modified_at).time_since_epoch().count();
  PutOctal(block, kModified, static_cast<std::uint64_t>(std::max<std::int64_t>(0, seconds)));
  block[kKind] = kRegularFile;
  std::memcpy(block.data() + kMagic.offset, kUstar.data(), kUstar.size());
  PutChecksum(block);
  return block;
}

base::Result<std::optional<TarEntry>> ParseTarHeader(const TarBlock& block) {
  if (std::ranges::all_of(block, [](char c) { return c == '\0'; })) return std::nullopt;
  if (Bytes(block, kMagic) != kUstar) return Refuse("no header of a POSIX tar archive (ustar)");
  TarBlock summed = block;
  PutChecksum(summed);
  if (summed != block) return Refuse("a header with a wrong checksum");
  if (block[kKind] != kRegularFile) return Refuse("an entry that is no regular file");
  if (block[kLink.offset] != '\0' || block[kPrefix.offset] != '\0') return Refuse("a link, or a name in two parts");
  TarEntry entry;
  auto name = ParseName(Bytes(block, kName));
  if (!name) return Refuse("an entry with a name that no export has");
  entry.name = std::move(*name);
  const auto size = ParseSize(Bytes(block, kSize));
  if (!size) return Refuse(entry.name + ": no size that an export has");
  entry.size_bytes = *size;
  return entry;
}

}  // namespace portal::service
