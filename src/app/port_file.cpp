#include "app/port_file.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace portal::app {

PortFile::PortFile(std::filesystem::path path) : path_(std::move(path)) {
  std::error_code ignored;
  // A device or a pipe in its place is somebody else's.
  if (std::filesystem::is_regular_file(path_, ignored)) std::filesystem::remove(path_, ignored);
}

PortFile::~PortFile() {
  std::error_code ignored;
  if (IsThere()) std::filesystem::remove(path_, ignored);
}

base::Status PortFile::Write(std::span<const net::Listener> listeners) {
  if (path_.empty() || listeners.empty()) return {};
  const std::filesystem::path temporary = path_.string() + ".new";
  std::ofstream file(temporary, std::ios::trunc);
  for (const net::Listener& listener : listeners) {
    if (listener.is_unix()) {
      file << listener.address().substr(std::string_view("unix:").size()) << "\n";
    } else {
      file << listener.port() << "\n";
    }
  }
  file.close();
  if (!file || ::rename(temporary.c_str(), path_.c_str()) != 0) {
    const std::string reason = std::strerror(errno);
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    return base::Fail(base::ErrorCode::kUnavailable, "Cannot write port_file " + path_.string() + ": " + reason +
                                                         ". Name a file in a folder that can be written to");
  }
  written_ = base::UniqueFd(::open(path_.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  identity_ = base::FileIdentity::Of(path_);
  return {};
}

}  // namespace portal::app
