#include "service/backup/backup_blobs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "service/backup/backup_layout.h"
#include "service/backup/blob_copy.h"

namespace portal::service {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::Fail;

bool IsWhole(const fs::path& file, std::int64_t size_bytes) {
  struct stat info {};
  return ::lstat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_size == size_bytes;
}

/// The file system, or who owns the file, does not allow a link: a copy will do.
bool MeansCopy(int error) {
  return error == EXDEV || error == EPERM || error == EACCES || error == EMLINK || error == EOPNOTSUPP ||
         error == ENOSYS;
}

}  // namespace

BackupBlobs::BackupBlobs(const UnfinishedFolder& folder, const BackupOptions& options, std::optional<fs::path> earlier)
    : folder_(folder), options_(options), earlier_(std::move(earlier)) {}

base::Status BackupBlobs::Take(BackupReport& report) {
  Manifest& manifest = report.manifest;
  progress_ = {BackupProgress::Step::kBlobs, 0, manifest.BlobBytes()};
  if (auto made = folder_.MakeFolder(kBackupBlobs); !made) return made;
  for (const Blob& blob : manifest.store.blobs) {
    if (auto taken = TakeOne(blob, report); !taken) return taken;
  }
  for (const model::ContentHash& missing : manifest.missing_blobs) manifest.store.blobs.erase(missing);
  return {};
}

base::Status BackupBlobs::TakeOne(const Blob& blob, BackupReport& report) {
  if (auto made = MakeShard(BlobPlace(kBackupBlobs, blob.first).parent_path()); !made) return made;
  const fs::path live = BlobPlace(options_.data_folder / kBackupBlobs, blob.first);
  std::vector<fs::path> sources = {live};
  if (earlier_) sources.push_back(BlobPlace(*earlier_ / kBackupBlobs, blob.first));
  for (const fs::path& source : sources) {
    const auto linked = Link(source, blob);
    if (!linked) return Fail(linked.error());
    if (*linked) {
      ++report.linked_blobs;
      return Advance(blob.second) ? Fail(ErrorCode::kUnavailable, "Stopped before the end") : base::Status{};
    }
  }
  for (const fs::path& source : sources) {
    const auto copied = Copy(source, blob);
    if (!copied) return Fail(copied.error());
    if (*copied) {
      ++report.copied_blobs;
      return {};
    }
  }
  report.manifest.missing_blobs.push_back(blob.first);
  return {};
}

/// False: not by a link from there.
base::Result<bool> BackupBlobs::Link(const fs::path& from, const Blob& blob) {
  if (!IsWhole(from, blob.second)) return false;
  if (options_.deep) {
    const auto fd = OpenForReading(from);
    const auto hashed = fd ? HashFile(fd->get(), from, [](std::int64_t) { return false; }) : Fail(fd.error());
    if (!hashed || hashed->sha256 != blob.first) return false;
  }
  const fs::path to = BlobPlace(folder_.path() / kBackupBlobs, blob.first);
  if (::link(from.c_str(), to.c_str()) == 0) return true;
  if (MeansCopy(errno)) return false;
  const int error = errno;
  if (error == ENOENT) return false;
  return Fail(error == ENOSPC || error == EDQUOT ? ErrorCode::kStorageFull : ErrorCode::kUnavailable,
              "A file cannot be put into the backup: " + std::string(std::strerror(error)), "link " + to.string());
}

/// False: it is not there, or is not what its name says.
base::Result<bool> BackupBlobs::Copy(const fs::path& from, const Blob& blob) {
  const auto source = OpenForReading(from);
  if (!source) {
    if (source.error().code == ErrorCode::kNotFound) return false;
    return Fail(source.error());
  }
  const fs::path relative = BlobPlace(kBackupBlobs, blob.first);
  const auto target = folder_.MakeFile(relative);
  if (!target) return Fail(target.error());
  const auto copied = CopyFile(source->get(), target->get(), from, [&](std::int64_t bytes) { return Advance(bytes); });
  if (!copied) return Fail(copied.error());
  if (copied->sha256 == blob.first && copied->size_bytes == blob.second) return true;
  ::unlink((folder_.path() / relative).c_str());
  return false;
}

base::Status BackupBlobs::MakeShard(const fs::path& shard) {
  if (shard == shard_) return {};
  shard_ = shard;
  return folder_.MakeFolder(shard);
}

bool BackupBlobs::Advance(std::int64_t bytes) {
  progress_.done_bytes += bytes;
  return options_.watch(progress_);
}

}  // namespace portal::service
