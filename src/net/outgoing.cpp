#include "net/outgoing.h"

#include <algorithm>
#include <array>
#include <utility>

#include "http/head_writer.h"

namespace portal::net {

namespace {

constexpr std::size_t kBytesPerTurn = 512 * 1024;

bool HasBody(const http::Request& request, const http::Response& response) {
  return request.head.method != http::Method::kHead && response.status != 204 && response.status != 304;
}

}  // namespace

void Outgoing::Start(const http::Request& request, http::Response response, bool close) {
  response_ = std::move(response);
  closes_ = close;
  sent_ = 0;
  head_.clear();
  http::WriteHead(request, response_, request.now, close, head_);
  if (!HasBody(request, response_)) {
    response_.body.clear();
    response_.file.reset();
  }
  length_ = head_.size() + response_.content_length();
}

Outgoing::Progress Outgoing::Send(Socket& socket) {
  for (std::size_t turn = 0; turn < kBytesPerTurn;) {
    const bool from_file = response_.file && sent_ >= head_.size();
    const Moved moved = from_file ? SendFile(socket, kBytesPerTurn - turn) : SendMemory(socket);
    switch (moved.outcome) {
      case Moved::Outcome::kBlock:
        return Progress::kBlocked;
      case Moved::Outcome::kEnd:
      case Moved::Outcome::kError:
        return Progress::kFailed;
      case Moved::Outcome::kSome:
        sent_ += moved.bytes;
        turn += moved.bytes;
    }
    if (sent_ == length_) return Progress::kDone;
  }
  return Progress::kTurn;
}

Moved Outgoing::SendMemory(Socket& socket) {
  std::array<iovec, 2> parts{};
  std::size_t count = 0;
  const auto add = [&](std::string& text, std::uint64_t skip) {
    if (skip < text.size()) parts[count++] = {text.data() + skip, text.size() - static_cast<std::size_t>(skip)};
  };
  add(head_, sent_);
  if (!response_.file) add(response_.body, body_sent());
  return socket.Send(std::span(parts.data(), count), response_.file && response_.file->length > 0);
}

Moved Outgoing::SendFile(Socket& socket, std::size_t most) {
  const std::uint64_t offset = response_.file->offset + body_sent();
  return socket.SendFile(response_.file->fd.get(), offset,
                         static_cast<std::size_t>(std::min<std::uint64_t>(most, length_ - sent_)));
}

void Outgoing::Clear() {
  response_ = {};
  head_.clear();
  length_ = sent_ = 0;
}

}  // namespace portal::net
