#include "service/backup/backup.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "base/version.h"
#include "crypto/sealed.h"
#include "service/backup/backup_blobs.h"
#include "service/backup/backup_folders.h"
#include "service/backup/backup_layout.h"
#include "service/backup/backup_status.h"
#include "service/backup/blob_copy.h"
#include "service/backup/sealed_keys.h"
#include "service/backup/unfinished_folder.h"
#include "store/backup.h"
#include "store/backup_lock.h"

namespace portal::service {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::Fail;

// A purge holds its lock for as long as one transaction takes.
constexpr std::chrono::seconds kPurgeWait{30};

std::int64_t SizeOf(const fs::path& file) {
  std::error_code missing;
  const auto size = fs::file_size(file, missing);
  return missing ? 0 : static_cast<std::int64_t>(size);
}

/// The steps of one backup, in their order.
class BackupInTheMaking {
 public:
  BackupInTheMaking(const BackupOptions& options, const base::Clock& clock, UnfinishedFolder folder)
      : options_(options), clock_(clock), folder_(std::move(folder)) {}

  base::Result<BackupReport> Make() {
    // The snapshot's time lies between this one and the copy's end.
    report_.manifest.made_at = clock_.Wall();
    report_.manifest.program = base::kBuild.version;
    std::error_code ignored;
    report_.manifest.demo_data = fs::exists(options_.data_folder / kDemoMarker, ignored);
    for (auto step : {&BackupInTheMaking::TakeDatabase, &BackupInTheMaking::CheckDatabase,
                      &BackupInTheMaking::TakeBlobs, &BackupInTheMaking::TakeKeys, &BackupInTheMaking::Publish}) {
      if (auto done = (this->*step)(); !done) return Fail(std::move(done.error()));
    }
    return std::move(report_);
  }

 private:
  fs::path database() const { return folder_.path() / kBackupDatabase; }

  base::Status TakeDatabase() {
    store::CopyOptions copy{.data_folder = options_.data_folder, .target = database()};
    copy.stop = [&](std::int64_t done, std::int64_t total) {
      return options_.watch({BackupProgress::Step::kDatabase, done, total});
    };
    const auto copied = store::CopyDatabase(copy);
    if (!copied) return Fail(copied.error());
    report_.wal_growth_bytes = copied->wal_growth_bytes;
    return {};
  }

  base::Status CheckDatabase() {
    const std::int64_t size = SizeOf(database());
    const auto stop = [&] { return options_.watch({BackupProgress::Step::kChecking, 0, size}); };
    const store::StoreCopy copy(database(), store::StoreCopy::Mode::kReadOnly);
    if (auto sound = copy.Check(stop); !sound) return sound;
    auto facts = copy.Facts();
    if (!facts) return Fail(facts.error());
    report_.manifest.store = std::move(*facts);
    const auto fd = OpenForReading(database());
    if (!fd) return Fail(fd.error());
    const auto hashed = HashFile(fd->get(), database(), [&](std::int64_t) { return stop(); });
    if (!hashed) return Fail(hashed.error());
    report_.manifest.database = {hashed->sha256, hashed->size_bytes};
    return {};
  }

  base::Status TakeBlobs() {
    const auto earlier = BackupFolders(options_.destination);
    if (!earlier) return Fail(earlier.error());
    BackupBlobs blobs(folder_, options_, earlier->empty() ? std::nullopt : std::optional(earlier->back()));
    return blobs.Take(report_);
  }

  base::Status TakeKeys() {
    if (!options_.passphrase) return {};
    const auto sealed = SealKeys(options_.data_folder, *options_.passphrase);
    if (!sealed) return Fail(sealed.error());
    report_.manifest.keys = {crypto::Sha256(*sealed), static_cast<std::int64_t>(sealed->size())};
    return folder_.WriteFile(kBackupKeys, *sealed);
  }

  base::Status Publish() {
    if (auto written = folder_.WriteFile(kBackupManifest, ToJson(report_.manifest)); !written) return written;
    // Backups of one millisecond, made by two portals into one destination, must not meet.
    for (base::WallTime named = report_.manifest.made_at;; named += std::chrono::milliseconds{1}) {
      report_.folder = options_.destination / BackupName(named);
      auto published = folder_.Publish(report_.folder);
      if (published || published.error().code != ErrorCode::kConflict) return published;
    }
  }

  const BackupOptions& options_;
  const base::Clock& clock_;
  UnfinishedFolder folder_;
  BackupReport report_;
};

/// The name is what people see, the manifest what the program wrote; one of them may have been changed.
bool IsOfTheFuture(const BackupEntry& entry, base::WallTime now) {
  const auto named = ParseBackupName(entry.folder.filename().string());
  return IsFuture(entry.manifest.made_at, now) || (named && IsFuture(*named, now));
}

/// Removes the oldest backups of the same store beyond `keep`, never the one just made. Which place those of the future
/// have nobody knows: they stay, and do not count. One that cannot be removed is no reason to call the new one failed:
/// the next backup tries again.
void RemoveOld(const BackupOptions& options, base::WallTime now, BackupReport& report) {
  if (options.keep == 0) return;
  auto entries = ListBackups(options.destination);
  if (!entries) return;
  std::ranges::stable_sort(*entries, {}, [](const BackupEntry& entry) { return entry.manifest.made_at; });
  std::vector<fs::path> others;
  for (const BackupEntry& entry : *entries) {
    if (entry.manifest.store.epoch != report.manifest.store.epoch || entry.folder == report.folder) continue;
    (IsOfTheFuture(entry, now) ? report.from_the_future : others).push_back(entry.folder);
  }
  for (std::size_t i = 0; i + options.keep < others.size() + 1; ++i) {
    if (RemoveWhole(others[i], kUnfinishedBackup)) report.removed.push_back(others[i]);
  }
}

base::Result<BackupReport> Make(const BackupOptions& options, const base::Clock& clock) {
  const std::int64_t size = SizeOf(options.data_folder / kBackupDatabase);
  std::error_code ignored;
  const bool was_there = fs::exists(options.destination, ignored);
  if (auto prepared = PrepareDestination(options.destination, options.data_folder, size); !prepared) {
    return Fail(prepared.error());
  }
  base::Result<BackupReport> made = [&]() -> base::Result<BackupReport> {
    auto folder = UnfinishedFolder::Make(options.destination, kUnfinishedBackup, std::nullopt);
    if (!folder) return Fail(folder.error());
    return BackupInTheMaking(options, clock, std::move(*folder)).Make();
  }();
  if (!made && !was_there) ::rmdir(options.destination.c_str());
  if (made) RemoveOld(options, clock.Wall(), *made);
  return made;
}

std::string Lost(std::size_t blobs) {
  return std::to_string(blobs) + " files' bytes are lost in the live store; run portal-appliance verify";
}

void Note(const BackupOptions& options, const base::Result<BackupReport>& made, base::WallTime begun,
          base::WallTime now) {
  LastBackup last;
  last.at = now;
  last.seconds = std::chrono::duration_cast<std::chrono::seconds>(now - begun).count();
  if (made) {
    last.ok = made->manifest.missing_blobs.empty();
    if (!last.ok) last.reason = Lost(made->manifest.missing_blobs.size());
    last.bytes = made->manifest.SizeBytes();
  } else {
    last.reason = made.error().detail;
  }
  if (const auto before = ReadLastBackup(options.data_folder); !last.ok && before && *before) {
    last.last_good = (*before)->ok ? (*before)->at : (*before)->last_good;
  }
  // A backup that was made is one, also where nobody can be told through this file.
  static_cast<void>(WriteLastBackup(options.data_folder, last));
}

}  // namespace

base::Result<BackupReport> MakeBackup(const BackupOptions& options, const base::Clock& clock) {
  std::error_code missing;
  if (!fs::exists(options.data_folder / kBackupDatabase, missing)) {
    return Fail(ErrorCode::kUnavailable, "There is no database in the data folder, so there is nothing to back up",
                options.data_folder.string() + " has no portal.db");
  }
  const auto lock = store::BackupLock::MakeBackup(options.data_folder, kPurgeWait, [&] {
    return options.watch({BackupProgress::Step::kDatabase, 0, 0});
  });
  if (!lock) return Fail(lock.error());  // the one that runs will note how it ended
  const base::WallTime begun = clock.Wall();
  auto made = Make(options, clock);
  Note(options, made, begun, clock.Wall());
  return made;
}

base::Result<std::vector<BackupEntry>> ListBackups(const fs::path& destination) {
  std::error_code failed;
  if (!fs::is_directory(destination, failed)) {
    return Fail(ErrorCode::kNotFound, destination.string() + " is not a folder that can be read");
  }
  const auto folders = BackupFolders(destination);
  if (!folders) return Fail(folders.error());
  std::vector<BackupEntry> entries;
  for (const fs::path& folder : *folders) {
    auto manifest = ReadManifest(folder);
    if (manifest) entries.push_back({folder, std::move(*manifest)});
  }
  return entries;
}

base::Result<std::optional<base::WallTime>> NewestBackup(const fs::path& destination, const std::string& epoch,
                                                         base::WallTime now) {
  auto folders = BackupFolders(destination);
  if (!folders) return Fail(folders.error());
  for (; !folders->empty(); folders->pop_back()) {
    const auto manifest = ReadManifest(folders->back());
    if (!manifest || manifest->store.epoch != epoch || IsOfTheFuture({folders->back(), *manifest}, now)) continue;
    return std::optional(manifest->made_at);
  }
  return std::optional<base::WallTime>();
}

}  // namespace portal::service
