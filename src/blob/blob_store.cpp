#include "blob/blob_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <vector>

#include "base/durable.h"
#include "base/hex.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace portal::blob {
namespace {

using base::ErrorCode;
using base::Fail;
using std::filesystem::path;

constexpr std::size_t kCopyBytes = 256 * 1024;
constexpr std::time_t kAbandonedAfterSeconds = 3600;

auto Failure(std::string_view action, const path& where) {
  const int error = errno;
  const bool full = base::IsOutOfSpace(error);
  return Fail(full ? ErrorCode::kStorageFull : ErrorCode::kUnavailable,
              full ? "No space is left for files" : "The file storage cannot be used right now",
              "blobs: " + std::string(action) + " " + where.string() + ": " + std::strerror(error));
}

bool MakeFolder(const path& folder) { return ::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST; }

/// Removes what processes that died in the middle of a Put left behind. A living one touches its file
/// with every write, so an hour of silence means that nobody will finish it.
void RemoveAbandoned(const path& tmp) {
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(tmp.c_str()), &::closedir);
  if (!dir) return;
  const std::time_t oldest_kept = std::time(nullptr) - kAbandonedAfterSeconds;
  while (const dirent* entry = ::readdir(dir.get())) {
    struct stat info {};
    if (::fstatat(::dirfd(dir.get()), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISREG(info.st_mode) && info.st_mtime < oldest_kept) ::unlinkat(::dirfd(dir.get()), entry->d_name, 0);
  }
}

/// A file under `tmp/` that goes again unless it was moved to its place.
class TemporaryFile {
 public:
  explicit TemporaryFile(const path& tmp)
      : path_(tmp / crypto::RandomId("put-", 20)),
        fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {}
  ~TemporaryFile() {
    if (fd_ && !moved_) ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  int fd() const { return fd_.get(); }
  const path& where() const { return path_; }
  bool MoveTo(const path& target) { return moved_ = ::rename(path_.c_str(), target.c_str()) == 0; }

 private:
  const path path_;
  const base::UniqueFd fd_;
  bool moved_ = false;
};

struct Place {
  path shard;
  path file;
};

Place PlaceOf(const path& folder, std::span<const unsigned char, 32> sha256) {
  const std::string digits = base::ToHex(sha256);
  Place place{folder / digits.substr(0, 2), {}};
  place.file = place.shard / digits.substr(2);
  return place;
}

bool IsThere(const path& file, std::int64_t size_bytes) {
  struct stat info {};
  return ::stat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_size == size_bytes;
}

/// Syncs also where the blob was there before: whoever put it may not have come to that yet.
base::Status SyncNames(const path& folder, const Place& place) {
  if (!base::SyncFolder(place.shard)) return Failure("sync", place.shard);
  if (!base::SyncFolder(folder)) return Failure("sync", folder);
  return {};
}

base::Status Publish(const path& folder, BlobStore::Sync sync, const BlobStore::Stored& stored, TemporaryFile& file) {
  const Place place = PlaceOf(folder, stored.sha256);
  if (!IsThere(place.file, stored.size_bytes)) {
    if (sync == BlobStore::Sync::kYes && ::fsync(file.fd()) != 0) return Failure("sync", file.where());
    if (!MakeFolder(place.shard)) return Failure("create", place.shard);
    if (!file.MoveTo(place.file)) return Failure("rename", place.file);
  }
  if (sync == BlobStore::Sync::kNo) return {};
  return SyncNames(folder, place);
}

}  // namespace

base::Result<BlobStore> BlobStore::Open(path folder, Sync sync) {
  const path tmp = folder / "tmp";
  if (!MakeFolder(folder) || !MakeFolder(tmp)) return Failure("create", folder);
  if (sync == Sync::kYes && !base::SyncFolder(folder.parent_path())) return Failure("sync parent of", folder);
  if (::access(tmp.c_str(), W_OK | X_OK) != 0) return Failure("use", folder);
  RemoveAbandoned(tmp);
  return BlobStore(std::move(folder), sync);
}

base::Result<BlobStore::Stored> BlobStore::Put(int source_fd) {
  TemporaryFile file(folder_ / "tmp");
  if (file.fd() < 0) return Failure("create", file.where());
  crypto::Sha256Stream hash;
  Stored stored;
  std::vector<std::byte> buffer(kCopyBytes);
  for (;;) {
    const ssize_t got = ::read(source_fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failure("read source for", file.where());
    if (got == 0) break;
    const std::span<const std::byte> bytes(buffer.data(), static_cast<std::size_t>(got));
    hash.Update(bytes);
    if (!base::WriteFully(file.fd(), bytes)) return Failure("write", file.where());
    stored.size_bytes += got;
  }
  stored.sha256 = hash.Finish();
  if (auto published = Publish(folder_, sync_, stored, file); !published) return Fail(std::move(published).error());
  return stored;
}

base::Result<BlobStore::Stored> BlobStore::Put(std::string_view content) {
  const auto bytes = std::as_bytes(std::span(content));
  crypto::Sha256Stream hash;
  hash.Update(bytes);
  const Stored stored{hash.Finish(), static_cast<std::int64_t>(content.size())};
  if (const Place place = PlaceOf(folder_, stored.sha256); IsThere(place.file, stored.size_bytes)) {
    if (sync_ == Sync::kYes) {
      if (auto synced = SyncNames(folder_, place); !synced) return Fail(std::move(synced).error());
    }
    return stored;
  }
  TemporaryFile file(folder_ / "tmp");
  if (file.fd() < 0) return Failure("create", file.where());
  if (!base::WriteFully(file.fd(), bytes)) return Failure("write", file.where());
  if (auto published = Publish(folder_, sync_, stored, file); !published) return Fail(std::move(published).error());
  return stored;
}

base::Result<BlobStore::Opened> BlobStore::Open(std::span<const unsigned char, 32> sha256) const {
  const path file = PlaceOf(folder_, sha256).file;
  base::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd && (errno == ENOENT || errno == ENOTDIR)) {
    return Fail(ErrorCode::kNotFound, "File not found", "blobs: missing " + file.string());
  }
  if (!fd) return Failure("open", file);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return Failure("stat", file);
  return Opened{std::move(fd), info.st_size};
}

}  // namespace portal::blob
