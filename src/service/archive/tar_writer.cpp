#include "service/archive/tar_writer.h"

#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/durable.h"

namespace portal::service {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;
constexpr TarBlock kZeroes{};

}  // namespace

TarWriter::TarWriter(int fd, base::WallTime modified_at) : fd_(fd), modified_at_(modified_at) {
  buffer_.reserve(2 * kBufferBytes);
}

base::Status TarWriter::Add(const std::string& name, std::string_view content) {
  if (auto begun = Begin({name, content.size()}); !begun) return begun;
  if (auto written = Write(std::as_bytes(std::span(content))); !written) return written;
  return End();
}

base::Status TarWriter::Begin(const TarEntry& entry) {
  assert(left_ == 0 && padding_ == 0);
  left_ = entry.size_bytes;
  padding_ = TarPadding(entry.size_bytes);
  const TarBlock header = TarHeader(entry, modified_at_);
  return Put(std::as_bytes(std::span(header)));
}

base::Status TarWriter::Write(std::span<const std::byte> bytes) {
  assert(bytes.size() <= left_);
  left_ -= bytes.size();
  return Put(bytes);
}

base::Status TarWriter::End() {
  assert(left_ == 0);
  return Put(std::as_bytes(std::span(kZeroes)).first(std::exchange(padding_, 0)));
}

base::Status TarWriter::Finish() {
  for (int i = 0; i < 2; ++i) {
    if (auto put = Put(std::as_bytes(std::span(kZeroes))); !put) return put;
  }
  return Flush();
}

base::Status TarWriter::Put(std::span<const std::byte> bytes) {
  hash_.Update(bytes);
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  return buffer_.size() < kBufferBytes ? base::Status{} : Flush();
}

base::Status TarWriter::Flush() {
  if (!base::WriteFully(fd_, buffer_)) {
    const int error = errno;
    return base::Fail(base::IsOutOfSpace(error) ? base::ErrorCode::kStorageFull : base::ErrorCode::kUnavailable,
                      std::string("the output cannot be written: ") + std::strerror(error));
  }
  buffer_.clear();
  return {};
}

}  // namespace portal::service
