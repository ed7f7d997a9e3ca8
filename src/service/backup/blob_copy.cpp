#include "service/backup/blob_copy.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "base/durable.h"

namespace portal::service {
namespace {

using base::ErrorCode;
using base::Fail;

constexpr std::size_t kPartBytes = 1 << 20;

auto Failure(const char* action, const std::filesystem::path& name) {
  const int error = errno;
  const bool full = base::IsOutOfSpace(error);
  return Fail(full ? ErrorCode::kStorageFull : ErrorCode::kUnavailable,
              full ? std::string("No space is left; free some, or choose another folder")
                   : name.string() + " cannot be " + action + ": " + std::strerror(error));
}

/// `target` < 0: only hashes.
base::Result<Copied> Read(int source, int target, const std::filesystem::path& name,
                          const std::function<bool(std::int64_t)>& stop) {
  crypto::Sha256Stream hash;
  Copied copied;
  std::vector<std::byte> buffer(kPartBytes);
  for (;;) {
    const ssize_t got = ::read(source, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failure("read", name);
    if (got == 0) break;
    const std::span<const std::byte> bytes(buffer.data(), static_cast<std::size_t>(got));
    hash.Update(bytes);
    if (target >= 0 && !base::WriteFully(target, bytes)) return Failure("copied", name);
    copied.size_bytes += got;
    if (stop(got)) return Fail(ErrorCode::kUnavailable, "Stopped before the end");
  }
  copied.sha256 = hash.Finish();
  return copied;
}

}  // namespace

base::Result<Copied> CopyFile(int source, int target, const std::filesystem::path& name,
                              const std::function<bool(std::int64_t)>& stop) {
  const bool shared = ::ioctl(target, FICLONE, source) == 0;
  auto copied = Read(source, shared ? -1 : target, name, stop);
  if (copied && ::fsync(target) != 0) return Failure("copied", name);
  return copied;
}

base::Result<Copied> HashFile(int source, const std::filesystem::path& name,
                              const std::function<bool(std::int64_t)>& stop) {
  return Read(source, -1, name, stop);
}

base::Result<base::UniqueFd> OpenForReading(const std::filesystem::path& file) {
  base::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && (errno == ENOENT || errno == ENOTDIR)) {
    return Fail(ErrorCode::kNotFound, file.string() + " is not there");
  }
  if (!fd) return Failure("read", file);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return Failure("read", file);
  if (!S_ISREG(info.st_mode)) return Fail(ErrorCode::kNotFound, file.string() + " is not a regular file");
  return fd;
}

}  // namespace portal::service
