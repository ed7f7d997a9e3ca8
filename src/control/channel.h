#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "control/pace.h"
#include "net/transport.h"

namespace portal::control {

/// A connection that its thread may wait for, plain or TLS: net's transport, which never waits, behind poll(2). Not
/// thread-safe, but another thread may shut its socket down.
class Channel {
 public:
  explicit Channel(std::unique_ptr<net::Transport> transport) : transport_(std::move(transport)) {}

  using Duration = std::chrono::milliseconds;

  /// `fd`, an eventfd, ends waiting that is done with kMayBeWoken; -1: nothing does. Borrowed.
  void WakeBy(int fd) { wake_fd_ = fd; }
  enum class Waiting : std::uint8_t { kOnlyForTheClient, kMayBeWoken };

  /// kDone, kPlainText (the channel is a plain one then), or kError, also where the client takes longer than `most`, or
  /// than `most_once_woken` where that becomes shorter.
  net::Handshake Shake(Duration most, Duration most_once_woken);

  enum class Got : std::uint8_t { kSome, kEnd, kLate, kWoken, kError };
  struct Received {
    Got got;
    std::size_t bytes = 0;
    Duration waited{0};
  };
  /// Waits for `patience` at the most until something has come.
  Received Receive(std::span<char> into, Duration patience, Waiting waiting = Waiting::kOnlyForTheClient);

  /// Hands all of it to the kernel. False: the client is gone, or slower than `pace` allows.
  bool Send(std::string_view bytes, Pace& pace);

  enum class Sent : std::uint8_t { kAll, kSome, kGone };
  /// The same, but waits once at the most, for `patience` or until it is woken. `bytes` becomes what is left: after
  /// kSome call again with that, though it may be empty, since TLS keeps some.
  Sent SendSome(std::string_view& bytes, Pace& pace, Duration patience);

  /// Whether the client has hung up, as far as its kernel has said.
  bool IsGone() const;

  /// Ends the connection so that the client gets what was sent: a close with input unread would take that back (RFC
  /// 9112 §9.6). Waits for so long at the most for the client's own end, or until it is woken.
  void Linger(Duration most);

  bool IsSecure() const { return transport_->IsSecure(); }
  int fd() const { return transport_->fd(); }

 private:
  enum class Waited : std::uint8_t { kReady, kLate, kWoken };
  Waited WaitFor(short events, Duration patience, Waiting waiting) const;
  Sent SendSome(std::string_view& bytes, Pace& pace, Duration patience, Waiting waiting);

  std::unique_ptr<net::Transport> transport_;
  int wake_fd_ = -1;
};

}  // namespace portal::control
