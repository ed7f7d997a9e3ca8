#include "blob/blob_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/durable.h"
#include "base/hex.h"
#include "blob/failure.h"
#include "crypto/hash.h"

namespace portal::blob {
namespace {

using base::ErrorCode;
using base::Fail;
using std::filesystem::path;

constexpr std::size_t kCopyBytes = 256 * 1024;
constexpr std::time_t kAbandonedAfterSeconds = 3600;

using Folder = std::unique_ptr<DIR, int (*)(DIR*)>;

bool MakeFolder(const path& folder) { return ::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST; }

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

/// Fails with errno as open(2) does, for an injected fault too.
base::UniqueFd OpenForReading(const path& file, BlobStore::InjectedFault fault) {
  if (fault == BlobStore::InjectedFault::kNone) {
    return base::UniqueFd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  }
  errno = fault == BlobStore::InjectedFault::kMissing ? ENOENT : EIO;
  return base::UniqueFd();
}

/// Not `.`, `..`, or whatever else may lie there.
bool IsHashTail(const char* name) { return std::strlen(name) == 62 && std::strspn(name, "0123456789abcdef") == 62; }

}  // namespace

base::Result<BlobStore> BlobStore::Open(path folder, Sync sync, resilience::Guard guard, const InjectedFaults* faults) {
  const path tmp = folder / "tmp";
  if (!MakeFolder(folder) || !MakeFolder(tmp)) return Failure("create", folder);
  if (sync == Sync::kYes && !base::SyncFolder(folder.parent_path())) return Failure("sync parent of", folder);
  if (::access(tmp.c_str(), W_OK | X_OK) != 0) return Failure("use", folder);
  BlobStore store(std::move(folder), sync, guard, faults);
  store.RemoveAbandoned();
  return store;
}

base::Result<BlobStaging> BlobStore::Stage() const {
  const resilience::Guard guard = guard_.ForChanges();
  auto file = guard.Watch([&] { return TemporaryFile::Make(folder_ / "tmp"); });
  if (!file) return Fail(std::move(file).error());
  return BlobStaging(*std::move(file), guard, sync_ == Sync::kYes);
}

base::Result<StagedBlob> BlobStore::Stage(int source_fd) const {
  auto staging = Stage();
  if (!staging) return Fail(std::move(staging).error());
  std::vector<std::byte> buffer(kCopyBytes);
  for (;;) {
    const ssize_t got = ::read(source_fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failure("read source for", folder_);
    if (got == 0) break;
    const base::Status written = staging->Append(std::span(buffer).first(static_cast<std::size_t>(got)));
    if (!written) return Fail(written.error());
  }
  return std::move(*staging).Finish();
}

base::Status BlobStore::Publish(StagedBlob& staged) const {
  return guard_.ForChanges().Run([&] { return MoveToItsPlace(staged); });
}

base::Status BlobStore::MoveToItsPlace(StagedBlob& staged) const {
  const Place place = PlaceOf(folder_, staged.sha256());
  if (!IsThere(place.file, staged.size_bytes())) {
    if (!MakeFolder(place.shard)) return Failure("create", place.shard);
    if (!staged.file_.MoveTo(place.file)) return Failure("rename", place.file);
  }
  if (sync_ == Sync::kNo) return {};
  return SyncNames(folder_, place);
}

base::Result<BlobStore::Stored> BlobStore::Put(int source_fd) const {
  auto staged = Stage(source_fd);
  if (!staged) return Fail(std::move(staged).error());
  if (auto published = Publish(*staged); !published) return Fail(std::move(published).error());
  return Stored{staged->sha256(), staged->size_bytes()};
}

base::Result<BlobStore::Stored> BlobStore::Put(std::string_view content) const {
  const Stored stored{crypto::Sha256(content), static_cast<std::int64_t>(content.size())};
  if (const Place place = PlaceOf(folder_, stored.sha256); IsThere(place.file, stored.size_bytes)) {
    if (sync_ == Sync::kYes) {
      if (auto synced = SyncNames(folder_, place); !synced) return Fail(std::move(synced).error());
    }
    return stored;
  }
  auto staging = Stage();
  if (!staging) return Fail(std::move(staging).error());
  if (auto written = staging->Append(std::as_bytes(std::span(content))); !written) return Fail(written.error());
  auto staged = std::move(*staging).Finish();
  if (!staged) return Fail(std::move(staged).error());
  if (auto published = Publish(*staged); !published) return Fail(std::move(published).error());
  return stored;
}

base::Result<BlobStore::Opened> BlobStore::Open(std::span<const unsigned char, 32> sha256) const {
  const path file = PlaceOf(folder_, sha256).file;
  return guard_.Run([&]() -> base::Result<Opened> {
    base::UniqueFd fd = OpenForReading(file, faults_ != nullptr ? faults_->load() : InjectedFault::kNone);
    if (!fd && (errno == ENOENT || errno == ENOTDIR)) {
      return Fail(ErrorCode::kNotFound, "File not found", "blobs: missing " + file.string());
    }
    if (!fd) return Failure("open", file);
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0) return Failure("stat", file);
    return Opened{std::move(fd), info.st_size};
  });
}

base::Result<bool> BlobStore::Remove(std::span<const unsigned char, 32> sha256) const {
  const path file = PlaceOf(folder_, sha256).file;
  return guard_.Run([&]() -> base::Result<bool> {
    if (::unlink(file.c_str()) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return Failure("remove", file);
  });
}

base::Status BlobStore::ForEach(unsigned char first_byte, base::FunctionRef<void(const Found&)> found) const {
  const std::string shard = base::ToHex(std::span(&first_byte, 1));
  const Folder dir(::opendir((folder_ / shard).c_str()), &::closedir);
  if (!dir && errno == ENOENT) return {};
  if (!dir) return Failure("list", folder_ / shard);
  while (const dirent* entry = ::readdir(dir.get())) {
    struct stat info {};
    Found blob;
    if (!IsHashTail(entry->d_name) || !base::FromHex(shard + entry->d_name, blob.sha256)) continue;
    if (::fstatat(::dirfd(dir.get()), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(info.st_mode)) {
      continue;
    }
    blob.size_bytes = info.st_size;
    blob.modified = std::chrono::sys_seconds(std::chrono::seconds(info.st_mtime));
    found(blob);
  }
  return {};
}

std::int64_t BlobStore::RemoveAbandoned() const {
  const Folder dir(::opendir((folder_ / "tmp").c_str()), &::closedir);
  if (!dir) return 0;
  std::int64_t removed = 0;
  const std::time_t oldest_kept = std::time(nullptr) - kAbandonedAfterSeconds;
  while (const dirent* entry = ::readdir(dir.get())) {
    struct stat info {};
    if (::fstatat(::dirfd(dir.get()), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    // A living one touches its file with every write, so an hour of silence means that nobody will finish it.
    if (!S_ISREG(info.st_mode) || info.st_mtime >= oldest_kept) continue;
    if (::unlinkat(::dirfd(dir.get()), entry->d_name, 0) == 0) ++removed;
  }
  return removed;
}

}  // namespace portal::blob
