#include "service/archive/tar_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

namespace portal::service {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;
constexpr const char* kCutOff = "the archive ends in the middle";

bool IsZero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

}  // namespace

TarReader::TarReader(int fd, Await await) : fd_(fd), await_(std::move(await)), buffer_(kBufferBytes) {}

base::Result<std::optional<TarEntry>> TarReader::Next() {
  assert(left_ == 0);
  if (auto skipped = SkipPadding(); !skipped) return base::Fail(std::move(skipped.error()));
  const std::uint64_t offset = bytes_read_;
  auto block = TakeBlock();
  if (!block) return base::Fail(std::move(block.error()));
  auto entry = ParseTarHeader(*block);
  if (!entry) {
    entry.error().detail = "at byte " + std::to_string(offset) + ": " + entry.error().detail;
    return entry;
  }
  if (!*entry) {
    if (auto ended = ExpectEnd(); !ended) return base::Fail(std::move(ended.error()));
    return entry;
  }
  header_ = *block;
  header_hashed_ = false;
  left_ = (*entry)->size_bytes;
  padding_ = TarPadding(left_);
  return entry;
}

base::Result<std::span<const std::byte>> TarReader::Read() {
  if (!std::exchange(header_hashed_, true)) hash_.Update(std::as_bytes(std::span(header_)));
  if (left_ == 0) return std::span<const std::byte>();
  auto bytes = Take(left_);
  if (!bytes) return bytes;
  if (bytes->empty()) return base::Fail(Complaint(kCutOff));
  left_ -= bytes->size();
  hash_.Update(*bytes);
  return bytes;
}

base::Result<std::string> TarReader::ReadAll(std::uint64_t max_bytes) {
  if (left_ > max_bytes) return base::Fail(Complaint("an entry larger than an export makes it"));
  std::string content;
  content.reserve(static_cast<std::size_t>(left_));
  for (;;) {
    const auto bytes = Read();
    if (!bytes) return base::Fail(bytes.error());
    if (bytes->empty()) return content;
    content.append(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  }
}

base::Status TarReader::SkipPadding() {
  if (auto empty = Read(); !empty) return base::Fail(std::move(empty.error()));  // its header counts, if nothing else
  while (padding_ > 0) {
    const auto bytes = Take(padding_);
    if (!bytes) return base::Fail(bytes.error());
    if (bytes->empty()) return base::Fail(Complaint(kCutOff));
    if (!IsZero(*bytes)) return base::Fail(Complaint("bytes between two entries"));
    hash_.Update(*bytes);
    padding_ -= bytes->size();
  }
  return {};
}

base::Status TarReader::ExpectEnd() {
  const auto second = TakeBlock();
  if (!second) return base::Fail(second.error());
  if (!IsZero(std::as_bytes(std::span(*second)))) return base::Fail(Complaint("bytes behind the archive's end"));
  for (;;) {
    const auto bytes = Take(buffer_.size());
    if (!bytes) return base::Fail(bytes.error());
    if (bytes->empty()) return {};
    // Tape drives, and tools that remember them, fill up to a larger block.
    if (!IsZero(*bytes)) return base::Fail(Complaint("bytes behind the archive's end"));
  }
}

base::Result<TarBlock> TarReader::TakeBlock() {
  TarBlock block;
  for (std::size_t got = 0; got < block.size();) {
    const auto bytes = Take(block.size() - got);
    if (!bytes) return base::Fail(bytes.error());
    if (bytes->empty()) return base::Fail(Complaint(kCutOff));
    std::memcpy(block.data() + got, bytes->data(), bytes->size());
    got += bytes->size();
  }
  return block;
}

base::Result<std::span<const std::byte>> TarReader::Take(std::uint64_t most) {
  if (begin_ == end_) {
    if (auto ready = await_(); !ready) return base::Fail(std::move(ready.error()));
    ssize_t got = -1;
    do {
      got = ::read(fd_, buffer_.data(), buffer_.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
      return base::Fail(base::ErrorCode::kUnavailable,
                        std::string("the archive cannot be read: ") + std::strerror(errno));
    }
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
  }
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(most, end_ - begin_));
  const std::span<const std::byte> bytes(buffer_.data() + begin_, size);
  begin_ += size;
  bytes_read_ += size;
  return bytes;
}

base::Error TarReader::Complaint(const std::string& what) const {
  return {base::ErrorCode::kValidation, "at byte " + std::to_string(bytes_read_) + ": " + what, {}, {}};
}

}  // namespace portal::service
