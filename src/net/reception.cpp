#include "net/reception.h"

#include <sys/epoll.h>

#include <cerrno>
#include <system_error>

namespace portal::net {

namespace {

// More than are turned away at once keep the loop's own clients waiting.
constexpr int kMostTries = 64;
// Long enough to cost nothing, short enough to be back before anybody wonders.
constexpr std::chrono::milliseconds kPause{100};
constexpr std::chrono::seconds kLogEvery{1};

constexpr std::array<std::string_view, kHangUps> kReasons = {
    "no file descriptor is left: raise the process's limit (LimitNOFILE=), or lower net.max_connections",
    "net.max_connections is reached",
    "net.max_connections_per_address is reached",
    "the longest idle connections made room for new ones: net.max_connections is reached",
};

}  // namespace

Reception::Reception(int epoll_fd, std::uint64_t first_tag, std::span<const Listener> listeners, Admission& admission,
                     LoopCounters& counters, base::Logger& logger)
    : epoll_fd_(epoll_fd),
      first_tag_(first_tag),
      listeners_(listeners),
      admission_(admission),
      counters_(counters),
      logger_(logger) {}

void Reception::Open() {
  if (!TryOpen()) throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

bool Reception::TryOpen() {
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLEXCLUSIVE;
    event.data.u64 = first_tag_ + i;
    if (::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, listeners_[i].fd(), &event) != 0 && errno != EEXIST) return false;
  }
  reopens_at_.reset();
  return true;
}

void Reception::Shut() {
  for (const Listener& listener : listeners_) ::epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, listener.fd(), nullptr);
  reopens_at_.reset();
}

void Reception::Pause(base::MonotonicTime now) {
  Shut();
  reopens_at_ = now + kPause;
}

void Reception::CatchUp(base::MonotonicTime now) {
  if (unlogged_) LogTurnedAway(now);
  if (!reopens_at_ || now < *reopens_at_ || TryOpen()) return;
  counters_.accept_errors.Add();
  Pause(now);
}

std::optional<Accepted> Reception::Next(const Listener& listener, base::FunctionRef<bool()> make_room,
                                        base::MonotonicTime now) {
  bool may_make_room = true;
  bool only_failures = true;
  for (int tries = 0; tries < kMostTries; ++tries) {
    Accepted accepted;
    const Acceptor::Outcome outcome = acceptor_.Next(listener.fd(), accepted);
    only_failures = only_failures && outcome == Acceptor::Outcome::kClientGone;
    switch (outcome) {
      case Acceptor::Outcome::kNobody:
        return std::nullopt;
      case Acceptor::Outcome::kAccepted:
        counters_.accepted.Add();
        accepted.secure = listener.secure();
        if (LetIn(accepted.peer, make_room, now)) return accepted;
        continue;
      case Acceptor::Outcome::kClientGone:
        counters_.accept_errors.Add();
        continue;
      case Acceptor::Outcome::kNoDescriptor:
        // Once: if what that gave back is not what was wanting, more of it would not help either.
        if (std::exchange(may_make_room, false) && make_room()) {
          TurnAway(HangUp::kMadeRoom, now);
          continue;
        }
        if (acceptor_.HangUpOne(listener.fd())) {
          TurnAway(HangUp::kNoDescriptor, now);
          continue;
        }
        [[fallthrough]];
      case Acceptor::Outcome::kFailed:
        counters_.accept_errors.Add();
        LogTurnedAway(now);
        Pause(now);
        return std::nullopt;
    }
  }
  if (only_failures) {  // so many have not hung up at once: the network is down, or a firewall says no
    LogTurnedAway(now);
    Pause(now);
  }
  return std::nullopt;
}

bool Reception::LetIn(const base::IpAddress& peer, base::FunctionRef<bool()> make_room, base::MonotonicTime now) {
  auto verdict = admission_.TryEnter(peer);
  if (verdict == Admission::Verdict::kFull && make_room()) {
    TurnAway(HangUp::kMadeRoom, now);
    verdict = admission_.TryEnter(peer);
  }
  switch (verdict) {
    case Admission::Verdict::kAdmitted:
      return true;
    case Admission::Verdict::kFull:
      TurnAway(HangUp::kConnectionCap, now);
      return false;
    case Admission::Verdict::kAddressFull:
      TurnAway(HangUp::kAddressCap, now);
      return false;
  }
  return false;
}

void Reception::TurnAway(HangUp reason, base::MonotonicTime now) {
  counters_.hung_up[static_cast<std::size_t>(reason)].Add();
  LogTurnedAway(now);
}

void Reception::LogTurnedAway(base::MonotonicTime now) {
  unlogged_ = now < log_again_;
  if (unlogged_) return;
  log_again_ = now + kLogEvery;
  const auto log = [&](std::uint64_t count, std::uint64_t& logged, std::string_view reason) {
    if (count == logged) return;
    logger_.Warning("connections_refused", {{"count", static_cast<std::int64_t>(count - logged)}, {"reason", reason}});
    logged = count;
  };
  for (std::size_t i = 0; i < kHangUps; ++i) log(counters_.hung_up[i].read(), logged_[i], kReasons[i]);
  log(counters_.accept_errors.read(), logged_errors_, "the kernel could not hand over the connection");
}

}  // namespace portal::net
