#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

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
  /// Receiving `kSome`: there was no more; whatever comes later, the event loop tells of.
  bool drained = false;
};

/// How far a connection is on its way to its first byte.
enum class Handshake : std::uint8_t {
  kDone,       ///< bytes can be moved
  kBlock,      ///< goes on when the event loop tells of bytes or room
  kPlainText,  ///< the peer does not speak the transport's protocol but plain bytes, and none of them was taken:
               ///< go on with `TakePlain`
  kError,      ///< the connection is dead
};

/// A connected stream of bytes that never blocks: the one place that moves them, and so where encryption goes
/// between. Not thread-safe; used by one event loop's thread.
class Transport {
 public:
  virtual ~Transport() = default;

  /// To be called until it says kDone, before anything is moved.
  virtual Handshake Shake() = 0;

  /// After `kPlainText`: the bare stream, with every byte of it; this one is closed then.
  virtual std::unique_ptr<Transport> TakePlain() = 0;

  virtual Moved Receive(std::span<char> into) = 0;

  /// Takes as much of `parts` as there is room for; what was taken may still wait in here: see `Flush`.
  /// `more_follows`: the kernel may wait for what is sent next before it sends this.
  virtual Moved Send(std::span<const iovec> parts, bool more_follows) = 0;

  /// Up to `bytes` of `file` from `offset`; moves no file position.
  virtual Moved SendFile(int file, std::uint64_t offset, std::size_t bytes) = 0;

  /// Hands the kernel what was taken and still waits here: kSome when nothing does any more (`bytes` says
  /// nothing), kBlock, or kError.
  virtual Moved Flush() = 0;

  /// Whether bytes have come of which `Receive` gives none before more of them come: part of a TLS record.
  virtual bool HasPartialInput() const = 0;

  /// Bytes that were taken but that the peer's kernel has not confirmed.
  virtual std::size_t Unconfirmed() const = 0;

  /// The peer sees a proper end of the stream, and can still be read from.
  virtual void FinishSending() = 0;

  /// Closes, with the protocol's own farewell where it has one and the kernel has room for it.
  virtual void Close() = 0;

  /// Closes and takes back what the peer has not received: the kernel would keep that for minutes.
  virtual void Abort() = 0;

  /// Whether what is moved is encrypted.
  virtual bool IsSecure() const = 0;

  /// Once `Shake` says kDone: whether it took up what an earlier connection had agreed on.
  virtual bool IsResumed() const = 0;

  /// For the event loop's epoll; -1 when closed.
  virtual int fd() const = 0;
};

}  // namespace portal::net
