#include "control/channel.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace portal::control {

namespace {

using Clock = std::chrono::steady_clock;
using Outcome = net::Moved::Outcome;

constexpr std::size_t kMostDropped = 1024 * 1024;

/// Rounded up, so that waiting ends.
Channel::Duration Since(Clock::time_point start) { return std::chrono::ceil<Channel::Duration>(Clock::now() - start); }

}  // namespace

/// What the client has sent comes before being woken.
Channel::Waited Channel::WaitFor(short events, Duration patience, Waiting waiting) const {
  const auto until = Clock::now() + patience;
  // poll(2) passes over negative descriptors.
  std::array<pollfd, 2> watched = {{{fd(), events, 0}, {waiting == Waiting::kMayBeWoken ? wake_fd_ : -1, POLLIN, 0}}};
  while (true) {
    const auto left = std::chrono::ceil<Duration>(until - Clock::now());
    const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(std::max(left, Duration{0}).count()));
    if (ready > 0 && watched[0].revents != 0) return Waited::kReady;
    if (ready > 0) {
      eventfd_t asked;
      static_cast<void>(::eventfd_read(wake_fd_, &asked));
      return Waited::kWoken;
    }
    if (ready == 0 && Clock::now() >= until) return Waited::kLate;
    if (ready < 0 && errno != EINTR) return Waited::kReady;  // what is wrong, the next call on the socket tells
  }
}

net::Handshake Channel::Shake(Duration most, Duration most_once_woken) {
  const auto start = Clock::now();
  while (true) {
    const net::Handshake shaken = transport_->Shake();
    if (shaken == net::Handshake::kPlainText) transport_ = transport_->TakePlain();
    if (shaken != net::Handshake::kBlock) return shaken;
    const Duration waited = Since(start);
    const short events = transport_->Flush().outcome == Outcome::kBlock ? POLLOUT : POLLIN;
    if (waited >= most) return net::Handshake::kError;
    switch (WaitFor(events, most - waited, Waiting::kMayBeWoken)) {
      case Waited::kReady:
        break;
      case Waited::kLate:
        return net::Handshake::kError;
      case Waited::kWoken:
        most = std::min(most, most_once_woken);
        break;
    }
  }
}

Channel::Received Channel::Receive(std::span<char> into, Duration patience, Waiting waiting) {
  const auto start = Clock::now();
  for (Duration waited{0};; waited = Since(start)) {
    const net::Moved moved = transport_->Receive(into);
    switch (moved.outcome) {
      case Outcome::kSome:
        return {Got::kSome, moved.bytes, waited};
      case Outcome::kEnd:
        return {Got::kEnd, 0, waited};
      case Outcome::kError:
        return {Got::kError, 0, waited};
      case Outcome::kBlock:
        break;
    }
    if (waited >= patience) return {Got::kLate, 0, waited};
    switch (WaitFor(POLLIN, patience - waited, waiting)) {
      case Waited::kReady:
        break;
      case Waited::kLate:
        return {Got::kLate, 0, Since(start)};
      case Waited::kWoken:
        return {Got::kWoken, 0, Since(start)};
    }
  }
}

bool Channel::Send(std::string_view bytes, Pace& pace) {
  Sent sent;
  do {
    sent = SendSome(bytes, pace, pace.patience(), Waiting::kOnlyForTheClient);
  } while (sent == Sent::kSome);
  return sent == Sent::kAll;
}

Channel::Sent Channel::SendSome(std::string_view& bytes, Pace& pace, Duration patience) {
  return SendSome(bytes, pace, patience, Waiting::kMayBeWoken);
}

Channel::Sent Channel::SendSome(std::string_view& bytes, Pace& pace, Duration patience, Waiting waiting) {
  while (true) {
    const bool all_taken = bytes.empty();
    const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    const net::Moved moved = all_taken ? transport_->Flush() : transport_->Send({&part, 1}, false);
    if (moved.outcome == Outcome::kError || moved.outcome == Outcome::kEnd) return Sent::kGone;
    if (moved.outcome == Outcome::kSome) {
      if (all_taken) return Sent::kAll;
      bytes.remove_prefix(moved.bytes);
      if (!pace.Note(Duration{0}, moved.bytes)) return Sent::kGone;
      continue;
    }
    const auto start = Clock::now();
    static_cast<void>(WaitFor(POLLOUT, std::min(patience, pace.patience()), waiting));
    return pace.Note(Since(start), 0) ? Sent::kSome : Sent::kGone;
  }
}

bool Channel::IsGone() const {
  pollfd watched{fd(), POLLRDHUP, 0};
  return ::poll(&watched, 1, 0) > 0;
}

void Channel::Linger(Duration most) {
  transport_->FinishSending();
  const auto start = Clock::now();
  std::array<char, 16 * 1024> dropped;
  for (std::size_t bytes = 0; bytes < kMostDropped;) {
    const Duration waited = Since(start);
    if (waited >= most) break;
    // Of TLS, too: whatever it says is not for anybody's eyes.
    const ssize_t got = ::recv(fd(), dropped.data(), dropped.size(), MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) break;
    if (got > 0) {
      bytes += static_cast<std::size_t>(got);
    } else if (WaitFor(POLLIN, most - waited, Waiting::kMayBeWoken) != Waited::kReady) {
      break;
    }
  }
  transport_->Close();
}

}  // namespace portal::control
