#include "app/storage_watch.h"

#include <chrono>
#include <system_error>
#include <utility>

namespace portal::app {
namespace {

constexpr std::chrono::seconds kBetweenRounds{1};

/// Where there is no file, and so no log of writes, there is nothing in it. nullopt: the disk cannot say.
std::optional<std::uintmax_t> FileBytes(const std::filesystem::path& file) {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(file, error);
  if (!error) return bytes;
  return error == std::errc::no_such_file_or_directory ? std::optional<std::uintmax_t>(0) : std::nullopt;
}

/// Without what the store has to say; nullopt where the disk cannot say all of it.
std::optional<StorageReading> AskDisk(const std::filesystem::path& folder) {
  StorageReading reading;
  const auto database_bytes = FileBytes(folder / "portal.db");
  const auto wal_bytes = FileBytes(folder / "portal.db-wal");
  std::error_code unknown;
  const std::filesystem::space_info space = std::filesystem::space(folder, unknown);
  if (!database_bytes || !wal_bytes || unknown) return std::nullopt;
  reading.database_bytes = *database_bytes;
  reading.wal_bytes = *wal_bytes;
  reading.disk_bytes = space.capacity;
  reading.free_bytes = space.available;
  if (auto last_backup = service::ReadLastBackup(folder)) reading.last_backup = *std::move(last_backup);
  return reading;
}

}  // namespace

std::optional<StorageReading> ReadStorage(store::Reader& reader, const std::filesystem::path& folder,
                                          const base::Clock& clock, const std::optional<StorageReading>& last) {
  auto reading = AskDisk(folder);
  if (!reading) return std::nullopt;
  const auto totals = reader.tenants.Totals();
  if (totals) {
    reading->blob_bytes = totals->blob_bytes;
  } else if (last) {
    reading->blob_bytes = last->blob_bytes;  // as while the breaker is open
  }
  reading->at = clock.Wall();
  return reading;
}

StorageWatch::StorageWatch(store::Database& database, base::WorkerId worker, std::filesystem::path folder,
                           const base::Clock& clock)
    : database_(database), worker_(worker), folder_(std::move(folder)), clock_(clock) {
  Read();
  thread_ = std::thread([this] { Run(); });
}

StorageWatch::~StorageWatch() {
  stop_.Raise();
  thread_.join();
}

std::optional<StorageReading> StorageWatch::Latest() const {
  const base::MutexLock lock(latest_mu_);
  return latest_;
}

void StorageWatch::Run() {
  while (stop_.WaitFor(kBetweenRounds)) Read();
}

/// The lock is held for the copy alone, never while the disk is asked.
void StorageWatch::Read() {
  auto reading = ReadStorage(database_.reader(worker_), folder_, clock_, Latest());
  if (!reading) return;
  const base::MutexLock lock(latest_mu_);
  latest_ = *std::move(reading);
}

}  // namespace portal::app
