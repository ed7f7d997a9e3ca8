#include "service/import/import_source.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace portal::service {
namespace {

constexpr std::size_t kChunkBytes = 256 << 10;

}  // namespace

bool ImportSource::More() {
  if (at_end_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < kChunkBytes) buffer_.resize(end_ + kChunkBytes);
  ssize_t got;
  do {
    got = ::read(fd_, buffer_.data() + end_, buffer_.size() - end_);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    failure_ = base::Error{
        base::ErrorCode::kValidation, std::string("the input cannot be read: ") + std::strerror(errno), {}, {}};
  }
  if (got <= 0) {
    at_end_ = true;
    return false;
  }
  end_ += static_cast<std::size_t>(got);
  bytes_read_ += static_cast<std::uint64_t>(got);
  return true;
}

}  // namespace portal::service
