#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace portal::cli {

/// Where a command writes much: a file that appears under its name only when it is whole, or standard output. The file
/// is the caller's (app::CallerScope), readable by its owner alone. Not thread-safe.
class OutputFile {
 public:
  /// Unset: standard output, which must be no terminal. What is there and no regular file (a pipe, a device) is
  /// written as it is. kValidation names the file and what is wrong.
  static base::Result<OutputFile> Open(const std::optional<std::string>& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile(const OutputFile&) = delete;
  ~OutputFile();

  int fd() const { return fd_.get(); }
  /// Gives the file its name, replacing what had it, once its bytes are on disk.
  base::Status Finish();

 private:
  OutputFile(base::UniqueFd fd, std::string path, std::string temporary)
      : fd_(std::move(fd)), path_(std::move(path)), temporary_(std::move(temporary)) {}

  base::UniqueFd fd_;
  std::string path_;
  std::string temporary_;  // empty: there is none, or it has its name
};

}  // namespace portal::cli
