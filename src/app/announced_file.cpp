#include "app/announced_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include "base/durable.h"
#include "base/file_identity.h"
#include "base/unique_fd.h"

namespace portal::app {
namespace {

// For whoever waits for the file, whoever that is; the umask says who may not.
constexpr mode_t kMode = 0666;

/// A new file at the path, in place of what was there: a link is not followed, so that whoever may write to the folder
/// does not choose another file for us to overwrite. Invalid, with errno, where it cannot be.
base::UniqueFd CreateAnew(const std::filesystem::path& path) {
  ::unlink(path.c_str());
  return base::UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kMode));
}

}  // namespace

/// A file of ours, as long as it is at its path. Immutable, so thread-safe.
class AnnouncedFile::Written {
 public:
  Written(std::filesystem::path path, base::UniqueFd fd)
      : path_(std::move(path)), fd_(std::move(fd)), identity_(base::FileIdentity::Of(fd_.get())) {}

  bool IsThere() const { return identity_ && base::FileIdentity::Of(path_) == identity_; }
  void Remove() const {
    if (IsThere()) ::unlink(path_.c_str());
  }

 private:
  const std::filesystem::path path_;
  const base::UniqueFd fd_;  // keeps its identity ours
  const std::optional<base::FileIdentity> identity_;
};

AnnouncedFile::AnnouncedFile(std::string setting, std::filesystem::path path)
    : setting_(std::move(setting)), path_(std::move(path)) {
  std::error_code ignored;
  // A device or a pipe in its place is somebody else's.
  if (std::filesystem::is_regular_file(path_, ignored)) std::filesystem::remove(path_, ignored);
}

AnnouncedFile::~AnnouncedFile() {
  if (written_) written_->Remove();
}

base::Status AnnouncedFile::Write(std::string_view text) {
  if (path_.empty()) return {};
  std::error_code none;
  const std::filesystem::file_status there = std::filesystem::symlink_status(path_, none);
  if (std::filesystem::exists(there) && std::filesystem::is_other(there)) {
    return base::Fail(base::ErrorCode::kUnavailable, "Cannot write " + setting_ + " " + path_.string() +
                                                         ": it is a device, a pipe or a socket. Name a file");
  }
  const std::filesystem::path temporary = path_.string() + ".new";
  base::UniqueFd file = CreateAnew(temporary);
  if (!file || !base::WriteFully(file.get(), std::as_bytes(std::span(text))) ||
      ::rename(temporary.c_str(), path_.c_str()) != 0) {
    const std::string reason = std::strerror(errno);
    if (file) ::unlink(temporary.c_str());
    return base::Fail(base::ErrorCode::kUnavailable, "Cannot write " + setting_ + " " + path_.string() + ": " + reason +
                                                         ". Name a file in a folder that can be written to");
  }
  written_ = std::make_shared<const Written>(path_, std::move(file));
  return {};
}

bool AnnouncedFile::IsThere() const { return written_ && written_->IsThere(); }

std::function<void()> AnnouncedFile::Removal() const {
  return [written = written_] {
    if (written) written->Remove();
  };
}

}  // namespace portal::app
