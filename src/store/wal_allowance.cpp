#include "store/wal_allowance.h"

#include <algorithm>
#include <system_error>

namespace portal::store {
namespace {

constexpr std::uintmax_t kLeastAllowance = std::uintmax_t{1} << 30;

std::uintmax_t SizeOf(const std::filesystem::path& file) {
  std::error_code missing;
  const std::uintmax_t size = std::filesystem::file_size(file, missing);
  return missing ? 0 : size;
}

}  // namespace

std::uintmax_t WalAllowance(std::uintmax_t database_bytes, std::uintmax_t free_bytes) {
  return std::min(std::max(kLeastAllowance, database_bytes), free_bytes / 2);
}

WalWatch::WalWatch(const std::filesystem::path& database)
    : database_(database), wal_(database.string() + "-wal"), before_(SizeOf(wal_)) {}

std::uintmax_t WalWatch::Growth() const {
  const std::uintmax_t now = SizeOf(wal_);
  return now > before_ ? now - before_ : 0;
}

bool WalWatch::TooMuch() const {
  const std::uintmax_t growth = Growth();
  if (growth == 0) return false;
  std::error_code unknown;
  const auto space = std::filesystem::space(database_.parent_path(), unknown);
  // Where the disk does not say, its size is no bound.
  return growth > WalAllowance(SizeOf(database_), unknown ? UINTMAX_MAX : space.available);
}

}  // namespace portal::store
