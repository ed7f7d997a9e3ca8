#include "blob/staged_blob.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/durable.h"
#include "blob/failure.h"
#include "crypto/random.h"

namespace portal::blob {
namespace {

// So much may wait in memory before the disk is set to work: the sync at the end then holds up nobody else's for long.
constexpr std::int64_t kWriteOutBytes = 8 << 20;

}  // namespace

base::Result<TemporaryFile> TemporaryFile::Make(const std::filesystem::path& tmp) {
  std::filesystem::path file = tmp / crypto::RandomId("put-", 20);
  base::UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) return Failure("create", file);
  return TemporaryFile(std::move(file), std::move(fd));
}

TemporaryFile::~TemporaryFile() {
  if (fd_) ::unlink(path_.c_str());
}

bool TemporaryFile::MoveTo(const std::filesystem::path& target) {
  if (::rename(path_.c_str(), target.c_str()) != 0) return false;
  fd_.Reset();
  return true;
}

base::Result<std::size_t> StagedBlob::ReadHead(std::span<char> out) const {
  return guard_.Watch([&]() -> base::Result<std::size_t> {
    std::size_t filled = 0;
    while (filled < out.size()) {
      const ssize_t got = ::pread(file_.fd(), out.data() + filled, out.size() - filled, static_cast<off_t>(filled));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Failure("read", file_.where());
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    return filled;
  });
}

base::Status BlobStaging::Append(std::span<const std::byte> bytes) {
  // Only goes as far as memory; that an upload worked is for its sync to say.
  base::Status written = guard_.Watch([&]() -> base::Status {
    if (!base::WriteFully(file_.fd(), bytes)) return Failure("write", file_.where());
    return {};
  });
  if (!written) return written;
  hash_->Update(bytes);
  size_bytes_ += static_cast<std::int64_t>(bytes.size());
  if (sync_ && size_bytes_ - on_their_way_ >= kWriteOutBytes) {
    // Only begins: whether it works out is for the sync to say.
    static_cast<void>(::sync_file_range(file_.fd(), on_their_way_, size_bytes_ - on_their_way_, SYNC_FILE_RANGE_WRITE));
    on_their_way_ = size_bytes_;
  }
  return {};
}

base::Result<StagedBlob> BlobStaging::Finish() && {
  const base::Status synced = guard_.Run([&]() -> base::Status {
    if (sync_ && ::fsync(file_.fd()) != 0) return Failure("sync", file_.where());
    return {};
  });
  if (!synced) return base::Fail(synced.error());
  const model::ContentHash sha256 = hash_->Finish();
  return StagedBlob(std::move(file_), guard_, sha256, size_bytes_);
}

}  // namespace portal::blob
