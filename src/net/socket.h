#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "base/unique_fd.h"

namespace portal::net {

/// How far one attempt to move bytes got.
struct Moved {
  enum class Outcome : std::uint8_t {
    kSome,   ///< `bytes` > 0 were moved; there may be room for more
    kBlock,  ///< nothing now; the event loop tells when
    kEnd,    ///< receiving: the peer has finished; from a file: it ended early
    kError,  ///< the connection is dead
  };
  Outcome outcome;
  std::size_t bytes = 0;
};

/// A connected, non-blocking stream socket: the one place that moves a connection's bytes, and so where
/// encryption goes between. No call blocks or raises SIGPIPE, but SendFile, which needs it ignored.
class Socket {
 public:
  Socket() = default;
  explicit Socket(base::UniqueFd fd) : fd_(std::move(fd)) {}

  Moved Receive(std::span<char> into);

  /// `more_follows`: the kernel may wait for what is sent next before it sends this.
  Moved Send(std::span<const iovec> parts, bool more_follows);

  /// Straight from the page cache; advances nothing but what it returns.
  Moved SendFile(int file, std::uint64_t offset, std::size_t bytes);

  /// Bytes that were sent but that the peer's kernel has not confirmed.
  std::size_t Unconfirmed() const;

  /// The peer sees the end of the stream, and can still be read from.
  void FinishSending();

  void Close() { fd_.Reset(); }
  /// Closes and takes back what the peer has not received: the kernel would keep that for minutes.
  void Abort();
  int fd() const { return fd_.get(); }

 private:
  base::UniqueFd fd_;
};

}  // namespace portal::net
