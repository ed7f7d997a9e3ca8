#include "blob/failure.h"

#include <cerrno>
#include <cstring>
#include <string>

#include "base/durable.h"

namespace portal::blob {

tl::unexpected<base::Error> Failure(std::string_view action, const std::filesystem::path& where) {
  const int error = errno;
  const bool full = base::IsOutOfSpace(error);
  return base::Fail({full ? base::ErrorCode::kStorageFull : base::ErrorCode::kUnavailable,
                     full ? "No space is left for files" : "The file storage cannot be used right now",
                     "blobs: " + std::string(action) + " " + where.string() + ": " + std::strerror(error),
                     {},
                     FaultOf(action, error)});
}

std::string FaultOf(std::string_view action, int error) {
  const bool own_want = error == EMFILE || error == ENFILE || error == ENOMEM;  // which clients can bring about
  return own_want ? std::string() : std::string(action) + ": " + std::strerror(error);
}

}  // namespace portal::blob
