#include "store/private_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>

namespace portal::store {

void CreatePrivateFile(const std::filesystem::path& file) {
  if (::mknod(file.c_str(), S_IFREG | S_IRUSR | S_IWUSR, 0) != 0) {
    throw std::filesystem::filesystem_error("create", file, std::error_code(errno, std::generic_category()));
  }
}

}  // namespace portal::store
