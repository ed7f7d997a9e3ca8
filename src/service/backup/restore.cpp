#include "service/backup/restore.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>

#include "base/hex.h"
#include "base/version.h"
#include "crypto/hash.h"
#include "service/backup/backup_folders.h"
#include "service/backup/backup_layout.h"
#include "service/backup/blob_copy.h"
#include "service/backup/sealed_keys.h"
#include "store/store_copy.h"

namespace portal::service {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::Fail;

// crypto/sealed.h adds less than 1 KiB to a file of at most 64 KiB.
constexpr std::size_t kMostSealedBytes = 128 * 1024;

auto Damaged(const std::string& what) {
  return Fail(ErrorCode::kUnavailable, "The backup is damaged: " + what + "; choose another backup");
}

/// Where the data folder will be must be free: there is no way back from a mix of two.
base::Status CheckTarget(const fs::path& target) {
  struct stat info {};
  if (::lstat(target.c_str(), &info) != 0) {
    if (errno == ENOENT) return {};
    return Fail(ErrorCode::kUnavailable, target.string() + " cannot be read: " + std::strerror(errno));
  }
  if (!S_ISDIR(info.st_mode)) return Fail(ErrorCode::kConflict, target.string() + " is there and is not a folder");
  std::error_code failed;
  if (fs::is_empty(target, failed) && !failed) return {};
  return Fail(ErrorCode::kConflict, target.string() +
                                        " is not empty: a backup is never restored over data; name a folder that is "
                                        "empty or not there with --data-dir");
}

/// Whatever was changed in the manifest alone shows here.
base::Status CompareFacts(const store::StoreFacts& said, const std::vector<model::ContentHash>& missing,
                          const store::StoreFacts& found) {
  if (said.schema_version != found.schema_version) return Damaged("the manifest names another schema");
  if (said.epoch != found.epoch) return Damaged("the manifest belongs to another store");
  if (said.tenants != found.tenants) return Damaged("the manifest counts other rows than the database has");
  std::map<model::ContentHash, std::int64_t> blobs = said.blobs;
  for (const model::ContentHash& hash : missing) {
    const auto at = found.blobs.find(hash);
    if (at != found.blobs.end()) blobs.insert(*at);
  }
  if (blobs != found.blobs) return Damaged("the manifest lists other files than the database names");
  return {};
}

/// One backup, verified while it is copied. Without a folder it is only verified.
class Restoration {
 public:
  Restoration(const RestoreOptions& options, Manifest manifest, const UnfinishedFolder* folder)
      : options_(options), report_{std::move(manifest)}, folder_(folder) {}

  base::Result<RestoreReport> Run() {
    for (auto step : {&Restoration::TakeDatabase, &Restoration::CheckDatabase, &Restoration::TakeBlobs,
                      &Restoration::TakeKeys, &Restoration::PrepareDatabase}) {
      if (auto done = (this->*step)(); !done) return Fail(std::move(done.error()));
    }
    return std::move(report_);
  }

 private:
  const Manifest& manifest() const { return report_.manifest; }
  fs::path database() const { return (folder_ ? folder_->path() : options_.source) / kBackupDatabase; }

  base::Status TakeDatabase() {
    progress_ = {BackupProgress::Step::kDatabase, 0, manifest().database.size_bytes};
    const auto taken = TakeFile(kBackupDatabase);
    if (!taken) return Fail(taken.error());
    if (taken->sha256 != manifest().database.sha256 || taken->size_bytes != manifest().database.size_bytes) {
      return Damaged("portal.db is not the file that its manifest describes");
    }
    return {};
  }

  base::Status CheckDatabase() {
    progress_ = {BackupProgress::Step::kChecking, 0, manifest().database.size_bytes};
    const store::StoreCopy copy(database(), store::StoreCopy::Mode::kReadOnly);
    if (auto sound = copy.Check([&] { return options_.watch(progress_); }); !sound) return sound;
    const auto facts = copy.Facts();
    if (!facts) return Fail(facts.error());
    return CompareFacts(manifest().store, manifest().missing_blobs, *facts);
  }

  base::Status TakeBlobs() {
    progress_ = {BackupProgress::Step::kBlobs, 0, manifest().BlobBytes()};
    if (folder_) {
      for (const fs::path& made : {fs::path(kBackupBlobs), fs::path(kBackupBlobs) / "tmp"}) {
        if (auto done = folder_->MakeFolder(made); !done) return done;
      }
    }
    fs::path shard;
    for (const auto& [hash, size] : manifest().store.blobs) {
      const fs::path place = BlobPlace(kBackupBlobs, hash);
      if (folder_ && place.parent_path() != shard) {
        shard = place.parent_path();
        if (auto made = folder_->MakeFolder(shard); !made) return made;
      }
      const auto taken = TakeFile(place);
      if (!taken) return Fail(taken.error());
      if (taken->sha256 != hash || taken->size_bytes != size) return Damaged(place.string() + " has other bytes");
    }
    return {};
  }

  base::Status TakeKeys() {
    if (!manifest().keys) return {};
    auto sealed = ReadSealed();
    if (!sealed) return Fail(sealed.error());
    if (!options_.passphrase) return {};
    const auto keys = UnsealKeys(*sealed, *options_.passphrase);
    if (!keys) return Fail(keys.error());
    report_.keys_restored = true;
    if (!folder_) return {};
    if (auto made = folder_->MakeFolder("keys"); !made) return made;
    return folder_->WriteFile("keys/signing.json", *keys);
  }

  base::Status PrepareDatabase() {
    if (!folder_) return {};
    if (auto ready = store::StoreCopy(database(), store::StoreCopy::Mode::kChange).PrepareForUse(); !ready)
      return ready;
    if (!manifest().demo_data) return {};
    return folder_->WriteFile(
        kDemoMarker, "portal-appliance --seed, restored by version " + std::string(base::kBuild.version) + "\n");
  }

  /// Copies a file of the backup to the same place in the new folder, or only reads it.
  base::Result<Copied> TakeFile(const fs::path& place) {
    const auto source = OpenForReading(options_.source / place);
    if (!source && source.error().code == ErrorCode::kNotFound) return Damaged(place.string() + " is missing");
    if (!source) return Fail(source.error());
    const auto stop = [&](std::int64_t bytes) {
      progress_.done_bytes += bytes;
      return options_.watch(progress_);
    };
    if (!folder_) return HashFile(source->get(), place, stop);
    const auto target = folder_->MakeFile(place);
    if (!target) return Fail(target.error());
    return CopyFile(source->get(), target->get(), place, stop);
  }

  base::Result<std::string> ReadSealed() const {
    const auto fd = OpenForReading(options_.source / kBackupKeys);
    if (!fd) return Damaged("keys.sealed is missing or cannot be read");
    std::string text(kMostSealedBytes, '\0');
    const ssize_t got = ::pread(fd->get(), text.data(), text.size(), 0);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    const ManifestFile found{crypto::Sha256(text), static_cast<std::int64_t>(text.size())};
    if (found != *manifest().keys) return Damaged("keys.sealed is not the file that its manifest describes");
    return text;
  }

  const RestoreOptions& options_;
  RestoreReport report_;
  const UnfinishedFolder* folder_;
  BackupProgress progress_;
};

/// `folder/` names the same as `folder`.
fs::path WithoutTrailingSlash(const fs::path& path) {
  std::error_code failed;
  fs::path absolute = fs::absolute(path, failed).lexically_normal();
  return absolute.has_filename() ? absolute : absolute.parent_path();
}

}  // namespace

base::Result<RestoreReport> Restore(const RestoreOptions& options) {
  const fs::path target = WithoutTrailingSlash(options.target);
  if (!options.dry_run) {
    if (auto is_free = CheckTarget(target); !is_free) return Fail(is_free.error());
  }
  auto manifest = ReadManifest(options.source);
  if (!manifest && manifest.error().code == ErrorCode::kNotFound) {
    return Fail(ErrorCode::kValidation, options.source.string() +
                                            " is not a backup: it has no manifest.json; name the folder of one "
                                            "backup, or add --latest to take the newest of many");
  }
  if (!manifest) return Fail(manifest.error());
  if (manifest->store.schema_version > store::NewestSchema()) {
    return Fail(ErrorCode::kUnavailable,
                "The backup has schema version " + std::to_string(manifest->store.schema_version) +
                    ", this program knows " + std::to_string(store::NewestSchema()) +
                    ": it was made by a newer release (" + manifest->program + "); upgrade the program");
  }
  if (options.dry_run) return Restoration(options, std::move(*manifest), nullptr).Run();
  auto folder = UnfinishedFolder::Make(target.parent_path(), target.filename().string() + ".restoring-", options.owner);
  if (!folder) return Fail(folder.error());
  auto restored = Restoration(options, std::move(*manifest), &*folder).Run();
  if (!restored) return restored;
  if (auto published = folder->Publish(target); !published) return Fail(published.error());
  return restored;
}

base::Result<fs::path> LatestBackup(const fs::path& destination, base::WallTime now) {
  auto folders = BackupFolders(destination);
  if (!folders) return Fail(folders.error());
  if (folders->empty()) return Fail(ErrorCode::kNotFound, "There is no backup in " + destination.string());
  const fs::path last = folders->back();
  std::erase_if(*folders, [&](const fs::path& folder) {
    const auto made_at = ParseBackupName(folder.filename().string());
    return made_at && IsFuture(*made_at, now);
  });
  // The newest by name, also where it is damaged: whoever asks for the latest must hear that, not get an older one.
  if (!folders->empty()) return folders->back();
  return Fail(ErrorCode::kNotFound, "All backups in " + destination.string() +
                                        " are dated later than now, so none is the latest; set this machine's clock, "
                                        "or name the backup, as " +
                                        last.string());
}

}  // namespace portal::service
