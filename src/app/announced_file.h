#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

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

  /// Written beside its place, as a new file that nobody else has made there, and moved. kUnavailable names the
  /// setting, the file and the reason, and then nothing is left behind.
  base::Status Write(std::string_view text);

  /// Whether what was written is still there.
  bool IsThere() const;

  /// Does what the destructor does, for a process that ends without it; from any thread, and however long this lives.
  /// Nothing where nothing was written yet.
  std::function<void()> Removal() const;

 private:
  class Written;

  const std::string setting_;
  const std::filesystem::path path_;
  std::shared_ptr<const Written> written_;  // null: nothing
};

}  // namespace portal::app
