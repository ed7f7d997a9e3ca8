#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/file_identity.h"
#include "base/result.h"

namespace portal::net {

/// The file under which a Unix socket of this process is found. Goes with its owner, which closes the socket after
/// it, unless somebody else has put another in its place meanwhile.
class UnixSocketFile {
 public:
  /// Binds `socket` to `path` and listens, with a file of mode 0660. A socket file that nobody answers at, as a
  /// process that was killed leaves it, is replaced. kUnavailable where somebody answers, or something that is no
  /// socket is in the way, or the folder is missing, closed to us or locked by somebody else for two seconds;
  /// `detail` names the path and the remedy.
  static base::Result<UnixSocketFile> Listen(int socket, const std::string& path, int backlog);

  UnixSocketFile(UnixSocketFile&& other) noexcept : path_(std::exchange(other.path_, {})), identity_(other.identity_) {}
  UnixSocketFile& operator=(UnixSocketFile&& other) noexcept;
  ~UnixSocketFile();

 private:
  explicit UnixSocketFile(std::string path);
  void RemoveIfOurs() const;

  std::string path_;                            // empty: moved from
  std::optional<base::FileIdentity> identity_;  // ours while the socket is open
};

}  // namespace portal::net
