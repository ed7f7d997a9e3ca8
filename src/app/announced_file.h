#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_identity.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace portal::app {

/// A file that tells whoever waits for it where the portal answers: whole or not there, and not there when nobody
/// answers. Not thread-safe.
class AnnouncedFile {
 public:
  /// Removes what an earlier portal left; an empty path: there is no such file. `setting` is what names the file, for
  /// errors: `port_file`.
  AnnouncedFile(std::string setting, std::filesystem::path path);
  /// Removes what was written, but not what the portal has written that has taken our place meanwhile.
  ~AnnouncedFile();
  AnnouncedFile(const AnnouncedFile&) = delete;

  /// kUnavailable names the setting, the file and the reason, and then nothing is left behind.
  base::Status Write(std::string_view text);

  /// Whether what was written is still there.
  bool IsThere() const { return identity_ && base::FileIdentity::Of(path_) == identity_; }

 private:
  const std::string setting_;
  const std::filesystem::path path_;
  base::UniqueFd written_;  // keeps its identity ours
  std::optional<base::FileIdentity> identity_;
};

}  // namespace portal::app
