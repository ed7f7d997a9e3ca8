#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <thread>

#include "base/clock.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "base/stop_signal.h"
#include "service/backup/backup_status.h"
#include "store/database.h"
#include "store/reader.h"

namespace portal::app {

/// What lies in the data folder and how much room there is, as of one moment. Sizes are in bytes.
struct StorageReading {
  base::WallTime at;  ///< when the disk had said all of it
  std::uintmax_t database_bytes = 0;
  std::uintmax_t wal_bytes = 0;
  std::uintmax_t disk_bytes = 0;
  std::uintmax_t free_bytes = 0;                     ///< what the portal may still write
  std::optional<std::int64_t> blob_bytes{};          ///< of all tenants, as of when the store could last be read
  std::optional<service::LastBackup> last_backup{};  ///< nullopt: none was ever tried, or nobody can say
};

/// What the disk says now, and the store, or where that cannot be read what it said in `last`. nullopt: the disk does
/// not say all of it.
std::optional<StorageReading> ReadStorage(store::Reader& reader, const std::filesystem::path& folder,
                                          const base::Clock& clock, const std::optional<StorageReading>& last);

/// A thread that reads all of that once a second, so that whoever asks for it, as a scrape does on an event loop, waits
/// for no disk. Maintenance could not: it waits for writers of other processes too, and then an old reading would not
/// tell that it is the disk that hangs. Thread-safe.
class StorageWatch {
 public:
  /// Has read once when it returns. `worker` reads the store and is nobody else's; all is borrowed.
  StorageWatch(store::Database& database, base::WorkerId worker, std::filesystem::path folder,
               const base::Clock& clock);
  ~StorageWatch();
  StorageWatch(const StorageWatch&) = delete;

  /// What was last read, however long ago; nullopt: the disk has never answered. Waits for nothing.
  std::optional<StorageReading> Latest() const;

 private:
  void Run();
  void Read();

  store::Database& database_;
  const base::WorkerId worker_;
  const std::filesystem::path folder_;
  const base::Clock& clock_;
  mutable base::Mutex latest_mu_;
  std::optional<StorageReading> latest_ GUARDED_BY(latest_mu_);
  base::StopSignal stop_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace portal::app
