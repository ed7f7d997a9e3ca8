#include "net/outgoing.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

#include "http/head_writer.h"

namespace portal::net {

namespace {

constexpr std::size_t kBytesPerTurn = 512 * 1024;
// Up to here copying a body behind its head is cheaper than handing the kernel two pieces.
constexpr std::size_t kSmallBodyBytes = 2048;
constexpr std::uint64_t kReadAheadBytes = 4 * kBytesPerTurn;

bool HasBody(const http::Request& request, const http::Response& response) {
  return request.head.method != http::Method::kHead && response.status != 204 && response.status != 304;
}

Outgoing::Progress Stopped(Moved::Outcome outcome) {
  return outcome == Moved::Outcome::kBlock ? Outgoing::Progress::kBlocked : Outgoing::Progress::kFailed;
}

}  // namespace

void Outgoing::Start(const http::Request& request, http::Response&& response, bool close) {
  response_ = std::move(response);
  closes_ = close;
  sent_ = warm_until_ = 0;
  head_.clear();
  http::WriteHead(request, response_, request.now, close, head_);
  if (!HasBody(request, response_)) {
    response_.body.clear();
    response_.file.reset();
  }
  head_bytes_ = head_.size();
  length_ = head_bytes_ + response_.content_length();
  if (!response_.file && response_.body.size() <= kSmallBodyBytes) {
    head_ += response_.body;
    response_.body.clear();
  }
}

Outgoing::Progress Outgoing::Send(Transport& transport) {
  for (std::size_t turn = 0; sent_ < length_;) {
    if (turn >= kBytesPerTurn) return Progress::kTurn;
    const bool from_file = response_.file && sent_ >= head_.size();
    if (from_file && IsCold()) return Progress::kCold;
    const Moved moved = from_file ? SendFile(transport, kBytesPerTurn - turn) : SendMemory(transport);
    if (moved.outcome != Moved::Outcome::kSome) return Stopped(moved.outcome);
    sent_ += moved.bytes;
    turn += moved.bytes;
  }
  const Moved flushed = transport.Flush();
  return flushed.outcome == Moved::Outcome::kSome ? Progress::kDone : Stopped(flushed.outcome);
}

Moved Outgoing::SendMemory(Transport& transport) {
  std::array<iovec, 2> parts{};
  std::size_t count = 0;
  const auto add = [&](std::string& text, std::uint64_t skip) {
    if (skip < text.size()) parts[count++] = {text.data() + skip, text.size() - static_cast<std::size_t>(skip)};
  };
  add(head_, sent_);
  if (!response_.file) add(response_.body, sent_ > head_.size() ? sent_ - head_.size() : 0);
  return transport.Send(std::span(parts.data(), count), response_.file && response_.file->length > 0);
}

Moved Outgoing::SendFile(Transport& transport, std::size_t most) {
  const std::uint64_t offset = response_.file->offset + body_sent();
  errno = 0;
  const Moved moved = transport.SendFile(response_.file->fd.get(), offset,
                                         static_cast<std::size_t>(std::min<std::uint64_t>(most, length_ - sent_)));
  // Of the file: what is wrong with a connection has other names.
  if (moved.outcome == Moved::Outcome::kError && errno == EIO) NoteUnreadable(EIO);
  return moved;
}

void Outgoing::NoteUnreadable(int error) const {
  if (response_.file->watcher) response_.file->watcher->ReadFailed(error);
}

/// Looks at the end of the next turn: what leads there was read before it, or is as cold.
bool Outgoing::IsCold() {
  if (sent_ < warm_until_) return false;
  const std::uint64_t next = std::min<std::uint64_t>(kBytesPerTurn, length_ - sent_);
  char byte = 0;
  const iovec into{&byte, 1};
  const auto last = static_cast<off_t>(response_.file->offset + body_sent() + next - 1);
  if (::preadv2(response_.file->fd.get(), &into, 1, last, RWF_NOWAIT) < 0 && errno == EAGAIN) return true;
  warm_until_ = sent_ + next;
  return false;
}

void Outgoing::ReadAhead() {
  std::array<char, 64 * 1024> bytes;
  const std::uint64_t start = sent_;
  warm_until_ = std::min(sent_ + kReadAheadBytes, length_);
  for (std::uint64_t done = 0; start + done < warm_until_;) {
    const std::size_t wanted = std::min<std::uint64_t>(bytes.size(), warm_until_ - start - done);
    const auto offset = static_cast<off_t>(response_.file->offset + body_sent() + done);
    const ssize_t got = ::pread(response_.file->fd.get(), bytes.data(), wanted, offset);
    if (got < 0) NoteUnreadable(errno);
    if (got <= 0) return;  // sending meets the same fault, and ends the connection
    done += static_cast<std::uint64_t>(got);
  }
}

}  // namespace portal::net
