#include "net/event_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

namespace portal::net {

namespace {

// An epoll tag is a connection's generation and slot; slots from here on mean something else.
constexpr std::uint32_t kMailboxSlot = 0xffff'ffff;
constexpr std::uint32_t kFirstListenerSlot = 0xffff'0000;

// Edge by edge, both ways, once and for all: no epoll_ctl while a connection lives.
constexpr std::uint32_t kConnectionEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
constexpr std::size_t kEventsPerWait = 256;
// The rest stays in the kernel's queue, where the other loops see it too.
constexpr int kAcceptsPerTurn = 16;
// Downloads that go on without waiting for their client: a few megabytes of them, then small requests again.
constexpr std::size_t kTurnsPerWait = 8;

std::uint64_t Tag(ConnectionRef ref) { return std::uint64_t{ref.generation} << 32 | ref.slot; }

}  // namespace

EventLoop::EventLoop(std::span<const Listener> listeners, LoopGroup& group, std::size_t index,
                     const http::Pipeline& pipeline, SlowPool& pool, const base::Clock& clock, base::Logger& logger,
                     const Deadlines::Durations& deadlines)
    : listeners_(listeners),
      group_(group),
      self_(group.members[index]),
      clock_(clock),
      logger_(logger),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      context_{pipeline, pool, self_.mailbox, base::WorkerId{index}, Deadlines(deadlines), clock.Monotonic()},
      connections_(context_) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  Watch(self_.mailbox.fd(), EPOLLIN | EPOLLET, kMailboxSlot);
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    Watch(listeners_[i].fd(), EPOLLIN | EPOLLEXCLUSIVE, kFirstListenerSlot + i);
  }
}

void EventLoop::Watch(int fd, std::uint32_t events, std::uint64_t tag) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

void EventLoop::Run() {
  std::array<epoll_event, kEventsPerWait> events;
  while (true) {
    const int ready = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), WaitMilliseconds());
    context_.now = clock_.Monotonic();
    for (int i = 0; i < ready; ++i)
      Dispatch(events[static_cast<std::size_t>(i)].data.u64, events[static_cast<std::size_t>(i)].events);
    GiveTurns();
    CloseLate();
    if (!group_.draining.load(std::memory_order_acquire)) continue;
    BeginDrain();
    if (IsDrained()) break;
  }
  CloseAll();
}

int EventLoop::WaitMilliseconds() const {
  if (!context_.turns.empty()) return 0;
  auto next = context_.deadlines.Next();
  if (context_.draining) next = std::min(next.value_or(base::MonotonicTime::max()), group_.drain_until.load());
  if (!next) return -1;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*next - clock_.Monotonic()).count();
  return static_cast<int>(std::clamp<std::int64_t>(wait, 0, std::numeric_limits<int>::max()));
}

void EventLoop::Dispatch(std::uint64_t tag, std::uint32_t events) {
  const ConnectionRef ref{static_cast<std::uint32_t>(tag), static_cast<std::uint32_t>(tag >> 32)};
  if (ref.slot == kMailboxSlot) return ReadMailbox();
  if (ref.slot >= kFirstListenerSlot) return AcceptSome(listeners_[ref.slot - kFirstListenerSlot].fd());
  Connection* connection = connections_.Find(ref);
  if (!connection) return;  // closed earlier in the same batch of events
  connection->OnEvents(events);
  ReleaseIfClosed(*connection);
}

void EventLoop::ReleaseIfClosed(Connection& connection) {
  if (connection.is_open()) return;
  connections_.Release(connection);
  self_.connections.fetch_sub(1, std::memory_order_relaxed);
}

// --- connections come -------------------------------------------------------------------------------

void EventLoop::AcceptSome(int listener_fd) {
  for (int i = 0; i < kAcceptsPerTurn || context_.draining; ++i) {
    auto accepted = acceptor_.Next(listener_fd);
    if (!accepted) break;
    LoopGroup::Member& member = context_.draining ? self_ : group_.LeastLoaded(self_);
    member.connections.fetch_add(1, std::memory_order_relaxed);
    if (&member == &self_) {
      Adopt(*std::move(accepted));
    } else {
      member.mailbox.Post(*std::move(accepted));
    }
  }
  if (const auto count = acceptor_.TakeHungUp()) {
    logger_.Warning("connections_refused", {{"count", static_cast<std::int64_t>(count)},
                                            {"reason", "the process has no file descriptor left"}});
  }
}

void EventLoop::Adopt(Accepted accepted) {
  Connection& connection = connections_.Acquire();
  connection.Open(std::move(accepted));
  epoll_event event{};
  event.events = kConnectionEvents;
  event.data.u64 = Tag(connection.ref());
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.fd(), &event) != 0) {  // no memory, or no watches left
    connection.Close();
  } else if (context_.draining) {
    connection.OnDrain();
  }
  ReleaseIfClosed(connection);
}

void EventLoop::ReadMailbox() {
  self_.mailbox.Take(messages_);
  for (Message& message : messages_) {
    if (auto* accepted = std::get_if<Accepted>(&message)) {
      Adopt(std::move(*accepted));
      continue;
    }
    auto& done = std::get<PoolDone>(message);
    if (Connection* connection = connections_.Find(done.connection)) {
      connection->OnPoolDone(std::move(done.exchange));
      ReleaseIfClosed(*connection);
    } else {
      done.exchange->LogAborted(context_.pipeline);
    }
  }
  messages_.clear();
}

// --- time passes ------------------------------------------------------------------------------------

void EventLoop::GiveTurns() {
  for (auto left = std::min(context_.turns.size(), kTurnsPerWait); left > 0; --left) {
    Connection* connection = connections_.Find(context_.turns.front());
    context_.turns.pop_front();
    if (!connection) continue;
    connection->OnTurn();
    ReleaseIfClosed(*connection);
  }
}

void EventLoop::CloseLate() {
  while (const auto due = context_.deadlines.TakeDue(context_.now)) {
    Connection& connection = connections_.At(due->owner);
    connection.OnDeadline(due->kind);
    ReleaseIfClosed(connection);
  }
}

// --- the end ----------------------------------------------------------------------------------------

void EventLoop::BeginDrain() {
  if (std::exchange(context_.draining, true)) return;
  for (const Listener& listener : listeners_) {
    AcceptSome(listener.fd());  // whoever is in the queue has been told that the connection stands
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, listener.fd(), nullptr);
  }
  for (std::uint32_t slot = 0; slot < connections_.size(); ++slot) {
    Connection& connection = connections_.At(slot);
    if (!connection.is_open()) continue;
    connection.OnDrain();
    ReleaseIfClosed(connection);
  }
  const bool last = group_.accepting.fetch_sub(1, std::memory_order_acq_rel) == 1;
  group_.accepting.notify_all();
  if (last) group_.WakeAll();
}

bool EventLoop::IsDrained() {
  if (context_.now >= group_.drain_until.load()) return true;
  if (group_.accepting.load(std::memory_order_acquire) > 0) return false;
  ReadMailbox();  // nobody sends connections any more: this is the last of them
  return connections_.in_use() == 0;
}

void EventLoop::CloseAll() {
  for (std::uint32_t slot = 0; slot < connections_.size(); ++slot) {
    Connection& connection = connections_.At(slot);
    if (!connection.is_open()) continue;
    connection.Close();
    ReleaseIfClosed(connection);
  }
}

}  // namespace portal::net
