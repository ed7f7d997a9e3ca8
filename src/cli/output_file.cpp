#include "cli/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "app/data_folder.h"
#include "base/durable.h"
#include "crypto/random.h"

namespace portal::cli {
namespace {

auto Refuse(const std::string& path, int error) {
  return base::Fail(base::IsOutOfSpace(error) ? base::ErrorCode::kStorageFull : base::ErrorCode::kValidation,
                    path + " cannot be written: " + std::strerror(error));
}

}  // namespace

base::Result<OutputFile> OutputFile::Open(const std::optional<std::string>& path) {
  if (!path || *path == "-") {
    if (::isatty(STDOUT_FILENO) == 1) {
      return base::Fail(base::ErrorCode::kValidation,
                        "an archive is nothing for a terminal: name a file with -o, or redirect the output");
    }
    base::UniqueFd fd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
    if (!fd) return Refuse("standard output", errno);
    return OutputFile(std::move(fd), {}, {});
  }
  const app::CallerScope caller;
  struct stat status {};
  if (::stat(path->c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    base::UniqueFd fd(::open(path->c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd) return Refuse(*path, errno);
    return OutputFile(std::move(fd), {}, {});
  }
  std::string temporary = *path + crypto::RandomId(".part-", 12);
  base::UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) return Refuse(*path, errno);
  return OutputFile(std::move(fd), *path, std::move(temporary));
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : fd_(std::move(other.fd_)),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, std::string())) {}

OutputFile::~OutputFile() {
  if (temporary_.empty()) return;
  const app::CallerScope caller;
  ::unlink(temporary_.c_str());
}

base::Status OutputFile::Finish() {
  if (temporary_.empty()) return {};
  const app::CallerScope caller;
  if (::fsync(fd_.get()) != 0 || std::rename(temporary_.c_str(), path_.c_str()) != 0) return Refuse(path_, errno);
  temporary_.clear();
  if (!base::SyncFolder(std::filesystem::path(path_).parent_path())) return Refuse(path_, errno);
  return {};
}

}  // namespace portal::cli
