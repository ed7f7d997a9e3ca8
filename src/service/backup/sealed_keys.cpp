#include "service/backup/sealed_keys.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "crypto/sealed.h"
#include "service/backup/blob_copy.h"

namespace portal::service {
namespace {

// As crypto/key_file.cpp reads it.
constexpr std::size_t kMostBytes = 64 * 1024;

}  // namespace

base::Result<std::string> SealKeys(const std::filesystem::path& data_folder, std::string_view passphrase) {
  const std::filesystem::path file = data_folder / "keys" / "signing.json";
  const auto fd = OpenForReading(file);
  if (!fd) return base::Fail(fd.error());
  std::string text(kMostBytes, '\0');
  const ssize_t got = ::pread(fd->get(), text.data(), text.size(), 0);
  if (got <= 0) {
    return base::Fail(base::ErrorCode::kUnavailable, "The signing key file cannot be read",
                      file.string() + ": " + std::strerror(errno));
  }
  text.resize(static_cast<std::size_t>(got));
  return crypto::Seal(std::move(text), passphrase);
}

base::Result<std::string> UnsealKeys(std::string_view sealed, std::string_view passphrase) {
  return crypto::Unseal(sealed, passphrase);
}

}  // namespace portal::service
