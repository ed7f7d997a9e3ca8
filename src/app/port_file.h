#pragma once

#include <filesystem>
#include <optional>
#include <span>

#include "base/file_identity.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "net/listener.h"

namespace portal::app {

/// The file that tells whoever waits for it where the portal answers: whole or not there, and not there
/// when nobody answers.
class PortFile {
 public:
  /// Removes what an earlier portal left; an empty path: there is no such file.
  explicit PortFile(std::filesystem::path path);
  /// Removes what was written, but not what the portal has written that has taken our place meanwhile.
  ~PortFile();
  PortFile(const PortFile&) = delete;

  /// A line a listener, in their order: the bound port, or the path of a Unix socket. kUnavailable names the file
  /// and the reason, and then nothing is left behind.
  base::Status Write(std::span<const net::Listener> listeners);

  /// Whether what was written is still there.
  bool IsThere() const { return identity_ && base::FileIdentity::Of(path_) == identity_; }

 private:
  const std::filesystem::path path_;
  base::UniqueFd written_;  // keeps its identity ours
  std::optional<base::FileIdentity> identity_;
};

}  // namespace portal::app
