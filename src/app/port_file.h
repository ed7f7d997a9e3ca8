#pragma once

#include <filesystem>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/listener.h"

namespace portal::app {

/// The file that tells whoever waits for it where the portal answers: whole or not there, and not there
/// when nobody answers.
class PortFile {
 public:
  /// Removes what an earlier portal left; an empty path: there is no such file.
  explicit PortFile(std::filesystem::path path) : path_(std::move(path)) { Remove(); }
  ~PortFile() { Remove(); }
  PortFile(const PortFile&) = delete;

  /// A line a listener, in their order: the bound port, or the path of a Unix socket. kUnavailable names the file.
  base::Status Write(const std::vector<net::Listener>& listeners) const;

  /// Whether there is something to remove: a device or a pipe in its place is somebody else's.
  bool IsThere() const;

 private:
  void Remove() const;

  const std::filesystem::path path_;
};

}  // namespace portal::app
