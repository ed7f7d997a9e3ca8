#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "net/transport.h"

namespace portal::testing {

/// What a peer without sockets does, and what was done to it. The test owns it; the connection has the transport.
struct PeerScript {
  bool secure = false;
  std::deque<net::Handshake> handshakes;  ///< one a call; kDone when there are none left
  bool resumed = false;

  std::string input;                   ///< what it has sent and nobody received
  std::size_t most_at_once = 1 << 20;  ///< bytes that one Receive gets
  bool partial = false;                ///< part of a record has come
  bool ended = false;                  ///< it sends nothing after `input`
  bool broken = false;                 ///< every attempt fails

  std::size_t room = 1 << 30;   ///< bytes that its kernel has room for
  std::string output;           ///< what it was sent
  std::size_t unconfirmed = 0;  ///< of `output`
  bool stuck_in_flush = false;  ///< what was taken cannot be handed on

  bool end_was_sent = false;
  bool closed = false;
  bool aborted = false;
};

/// Moves bytes between a connection and a PeerScript. Not thread-safe.
class ScriptedTransport final : public net::Transport {
 public:
  explicit ScriptedTransport(PeerScript& peer) : peer_(peer) {}

  net::Handshake Shake() override {
    if (peer_.handshakes.empty()) return net::Handshake::kDone;
    const net::Handshake next = peer_.handshakes.front();
    peer_.handshakes.pop_front();
    return next;
  }

  std::unique_ptr<net::Transport> TakePlain() override {
    peer_.secure = false;
    return std::make_unique<ScriptedTransport>(peer_);
  }

  net::Moved Receive(std::span<char> into) override {
    using Outcome = net::Moved::Outcome;
    if (peer_.broken) return {Outcome::kError};
    if (peer_.input.empty()) return {peer_.ended ? Outcome::kEnd : Outcome::kBlock};
    const std::size_t bytes = std::min({into.size(), peer_.input.size(), peer_.most_at_once});
    std::copy_n(peer_.input.begin(), bytes, into.begin());
    peer_.input.erase(0, bytes);
    return {Outcome::kSome, bytes, peer_.input.empty()};
  }

  net::Moved Send(std::span<const iovec> parts, bool) override {
    std::string bytes;
    for (const iovec& part : parts) bytes.append(static_cast<const char*>(part.iov_base), part.iov_len);
    return Take(bytes);
  }

  net::Moved SendFile(int file, std::uint64_t offset, std::size_t size) override {
    std::string bytes(size, '\0');
    const ssize_t got = ::pread(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got == 0) return {net::Moved::Outcome::kEnd};
    if (got < 0) return {net::Moved::Outcome::kError};
    return Take(std::string_view(bytes).substr(0, static_cast<std::size_t>(got)));
  }

  net::Moved Flush() override {
    return {peer_.stuck_in_flush ? net::Moved::Outcome::kBlock : net::Moved::Outcome::kSome};
  }

  bool HasPartialInput() const override { return peer_.partial; }
  std::size_t Unconfirmed() const override { return peer_.unconfirmed; }
  void FinishSending() override { peer_.end_was_sent = true; }
  void Close() override { peer_.closed = true; }
  void Abort() override { peer_.aborted = true; }
  bool IsSecure() const override { return peer_.secure; }
  bool IsResumed() const override { return peer_.resumed; }
  int fd() const override { return -1; }

 private:
  net::Moved Take(std::string_view bytes) {
    if (peer_.broken) return {net::Moved::Outcome::kError};
    const std::size_t taken = std::min(bytes.size(), peer_.room);
    if (taken == 0) return {net::Moved::Outcome::kBlock};
    peer_.room -= taken;
    peer_.output.append(bytes.substr(0, taken));
    return {net::Moved::Outcome::kSome, taken};
  }

  PeerScript& peer_;
};

}  // namespace portal::testing
