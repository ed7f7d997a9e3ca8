#include "service/import/spool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <string>

#include "base/durable.h"

namespace portal::service {
namespace {

tl::unexpected<base::Error> Failed(int error, const char* what) {
  const bool full = base::IsOutOfSpace(error);
  return base::Fail(full ? base::ErrorCode::kStorageFull : base::ErrorCode::kUnavailable,
                    full ? "There is no space left to receive the body" : "The body cannot be kept while it comes in",
                    std::string(what) + ": " + std::strerror(error));
}

}  // namespace

base::Result<Spool> Spool::Create(const std::filesystem::path& folder) {
  std::string name = (folder / ".incoming-XXXXXX").string();
  base::UniqueFd fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd) return Failed(errno, "mkostemp");
  if (::unlink(name.c_str()) != 0) return Failed(errno, "unlink");
  return Spool(std::move(fd));
}

base::Status Spool::Append(std::string_view bytes) {
  digest_->Update(std::as_bytes(std::span(bytes)));
  if (!base::WriteFully(fd_.get(), std::as_bytes(std::span(bytes)))) return Failed(errno, "write");
  return {};
}

base::Status Spool::Rewind() {
  if (::lseek(fd_.get(), 0, SEEK_SET) != 0) return Failed(errno, "lseek");
  return {};
}

}  // namespace portal::service
