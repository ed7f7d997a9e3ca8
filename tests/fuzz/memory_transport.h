#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "net/transport.h"

namespace portal::fuzz {

/// A client's end of a connection in memory. Outlives the transport, which the connection destroys.
struct Wire {
  /// A client that has taken this much hangs up: no input makes a run endless.
  static constexpr std::size_t kMostOutput = std::size_t{6} * 1024 * 1024;

  std::string_view input;    ///< all that the client ever sends
  std::size_t arrived = 0;   ///< how much of it the server can receive
  std::size_t received = 0;  ///< how much of it the server has
  bool input_ended = false;  ///< no more comes after what has arrived
  std::string output;        ///< what the client has taken
  std::size_t room = 0;      ///< how much more it takes now
  bool secure = false;       ///< encrypted: what is sent waits for `Flush`
  bool finished = false;     ///< the server has said that it sends no more
  bool closed = false;
  bool aborted = false;
};

/// Moves bytes between a connection and a Wire, holds them back as TLS does, and requires that it is used as its
/// interface says. Not thread-safe.
class MemoryTransport final : public net::Transport {
 public:
  explicit MemoryTransport(Wire& wire) : wire_(wire) {}
  ~MemoryTransport() override { Require(wire_.closed, "a connection is closed before it goes"); }

  net::Handshake Shake() override { return net::Handshake::kDone; }
  std::unique_ptr<net::Transport> TakePlain() override {
    Require(false, "no plain text is taken from a stream that had none");
    return nullptr;
  }
  bool IsResumed() const override { return false; }
  bool HasPartialInput() const override { return false; }

  net::Moved Receive(std::span<char> into) override {
    Require(!wire_.closed, "nothing is received after the end");
    const std::size_t bytes = std::min(into.size(), wire_.arrived - wire_.received);
    if (bytes == 0) return {wire_.input_ended ? Outcome::kEnd : Outcome::kBlock};
    std::copy_n(wire_.input.data() + wire_.received, bytes, into.data());
    wire_.received += bytes;
    return {Outcome::kSome, bytes, bytes < into.size()};
  }

  net::Moved Send(std::span<const iovec> parts, bool /*more_follows*/) override {
    if (const net::Moved ready = Ready(); ready.outcome != Outcome::kSome) return ready;
    std::size_t moved = 0;
    for (const iovec& part : parts) {
      const std::size_t bytes = std::min(part.iov_len, Room());
      Take({static_cast<const char*>(part.iov_base), bytes});
      moved += bytes;
      if (bytes < part.iov_len) break;
    }
    Require(moved > 0, "something is sent when there is room");
    return {Outcome::kSome, moved};
  }

  net::Moved SendFile(int file, std::uint64_t offset, std::size_t bytes) override {
    if (const net::Moved ready = Ready(); ready.outcome != Outcome::kSome) return ready;
    constexpr std::size_t kPiece = std::size_t{64} * 1024;
    std::string piece(std::min({bytes, Room(), kPiece}), '\0');
    const ssize_t got = ::pread(file, piece.data(), piece.size(), static_cast<off_t>(offset));
    Require(got > 0, "a file has the bytes that its answer promised");
    piece.resize(static_cast<std::size_t>(got));
    Take(piece);
    return {Outcome::kSome, piece.size()};
  }

  net::Moved Flush() override {
    const std::size_t bytes = std::min(wire_.room, waiting_.size());
    wire_.output.append(waiting_, 0, bytes);
    wire_.room -= bytes;
    waiting_.erase(0, bytes);
    return {waiting_.empty() ? Outcome::kSome : Outcome::kBlock};
  }

  std::size_t Unconfirmed() const override { return waiting_.size(); }
  void FinishSending() override {
    Require(waiting_.empty(), "everything is flushed before the end is said");
    wire_.finished = true;
  }
  void Close() override { wire_.closed = true; }
  void Abort() override { wire_.closed = wire_.aborted = true; }
  bool IsSecure() const override { return wire_.secure; }
  int fd() const override { return -1; }

 private:
  using Outcome = net::Moved::Outcome;

  /// kSome when something can be sent.
  net::Moved Ready() {
    Require(!wire_.closed && !wire_.finished, "nothing is sent after the end");
    const net::Moved ready = wire_.secure ? Flush() : net::Moved{wire_.room > 0 ? Outcome::kSome : Outcome::kBlock};
    return wire_.output.size() < Wire::kMostOutput ? ready : net::Moved{Outcome::kError};
  }

  std::size_t Room() const {
    constexpr std::size_t kRecord = 1000;
    const std::size_t room = wire_.secure ? kRecord - waiting_.size() : wire_.room;
    return std::min(room, Wire::kMostOutput - wire_.output.size());
  }

  void Take(std::string_view bytes) {
    if (wire_.secure) {
      waiting_ += bytes;
    } else {
      wire_.output += bytes;
      wire_.room -= bytes.size();
    }
  }

  Wire& wire_;
  std::string waiting_;  // taken, but not on the wire
};

}  // namespace portal::fuzz
