#include "app/announced_file.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

namespace portal::app {

AnnouncedFile::AnnouncedFile(std::string setting, std::filesystem::path path)
    : setting_(std::move(setting)), path_(std::move(path)) {
  std::error_code ignored;
  // A device or a pipe in its place is somebody else's.
  if (std::filesystem::is_regular_file(path_, ignored)) std::filesystem::remove(path_, ignored);
}

AnnouncedFile::~AnnouncedFile() {
  std::error_code ignored;
  if (IsThere()) std::filesystem::remove(path_, ignored);
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
  std::ofstream file(temporary, std::ios::trunc);
  file << text;
  file.close();
  if (!file || ::rename(temporary.c_str(), path_.c_str()) != 0) {
    const std::string reason = std::strerror(errno);
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    return base::Fail(base::ErrorCode::kUnavailable, "Cannot write " + setting_ + " " + path_.string() + ": " + reason +
                                                         ". Name a file in a folder that can be written to");
  }
  written_ = base::UniqueFd(::open(path_.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  identity_ = base::FileIdentity::Of(path_);
  return {};
}

}  // namespace portal::app
