#include "cli/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace portal::cli {

base::Result<InputFile> OpenInput(const std::string& file) {
  const int fd = file == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  InputFile input{base::UniqueFd(fd), 0};
  struct stat status {};
  if (!input.fd || ::fstat(fd, &status) != 0) {
    return base::Fail(base::ErrorCode::kValidation, NameOfInput(file) + " cannot be read: " + std::strerror(errno));
  }
  if (S_ISDIR(status.st_mode)) {
    return base::Fail(base::ErrorCode::kValidation, NameOfInput(file) + " is a folder, not a file");
  }
  if (S_ISREG(status.st_mode)) input.size = static_cast<std::uint64_t>(status.st_size);
  return input;
}

std::string NameOfInput(const std::string& file) { return file == "-" ? "standard input" : file; }

}  // namespace portal::cli
