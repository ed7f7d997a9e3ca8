#include "net/event_loop.h"

#include <sched.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

#include "net/socket.h"
#include "net/tls_transport.h"

namespace portal::net {

namespace {

// An epoll tag is a connection's generation and slot; slots from here on mean something else.
constexpr std::uint32_t kMailboxSlot = 0xffff'ffff;
constexpr std::uint32_t kFirstListenerSlot = 0xffff'0000;

// Edge by edge, both ways, once and for all: no epoll_ctl while a connection lives.
constexpr std::uint32_t kConnectionEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
constexpr std::size_t kEventsPerWait = 256;
constexpr int kBusyEvents = 2;  // at a time
// The rest stays in the kernel's queue, where the other loops see it too.
constexpr int kAcceptsPerTurn = 16;
// As many as the kernel's queue may hold, and a flood that goes on must not hold up the end.
constexpr int kAcceptsWhenDraining = 4096;
// Answers that go on without waiting for their client: about one turn's worth of bytes, then small requests again.
constexpr std::size_t kTurnsPerWait = 8;
constexpr std::uint64_t kTurnBytesPerWait = 512 * 1024;
// A thousand that are late at once are closed bit by bit.
constexpr int kClosesPerWait = 64;
constexpr std::chrono::milliseconds kLingerTimeout{2'000};

Deadlines::Durations DurationsOf(const Limits& limits) {
  Deadlines::Durations durations{};
  durations[static_cast<std::size_t>(DeadlineKind::kHandshake)] = limits.handshake_timeout;
  durations[static_cast<std::size_t>(DeadlineKind::kIdle)] = limits.idle_timeout;
  durations[static_cast<std::size_t>(DeadlineKind::kHead)] = limits.head_timeout;
  durations[static_cast<std::size_t>(DeadlineKind::kSend)] = limits.send_timeout;
  durations[static_cast<std::size_t>(DeadlineKind::kLinger)] = kLingerTimeout;
  return durations;
}

std::uint64_t LeastTakenBytes(const Limits& limits) {
  const auto milliseconds = static_cast<std::uint64_t>(limits.send_timeout.count());
  return std::max<std::uint64_t>(1, limits.min_send_rate * milliseconds / 1000);
}

std::uint64_t Tag(ConnectionRef ref) { return std::uint64_t{ref.generation} << 32 | ref.slot; }

}  // namespace

EventLoop::EventLoop(std::span<const Listener> listeners, LoopGroup& group, std::size_t index,
                     const http::Pipeline& pipeline, SlowPool& pool, const base::Clock& clock, base::Logger& logger,
                     const Settings& settings)
    : listeners_(listeners),
      group_(group),
      self_(group.members[index]),
      clock_(clock),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      reception_(epoll_.get(), kFirstListenerSlot, listeners, group.admission, self_.counters, logger),
      tls_(settings.tls),
      context_{pipeline,
               pool,
               self_.mailbox,
               base::WorkerId{index},
               self_.counters,
               Deadlines(DurationsOf(settings.limits)),
               LeastTakenBytes(settings.limits),
               clock.Unmoved()},
      connections_(context_) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.u64 = kMailboxSlot;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, self_.mailbox.fd(), &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
  reception_.Open();
}

void EventLoop::Run() {
  std::array<epoll_event, kEventsPerWait> events;
  int ready = 0;
  while (true) {
    ready = Wait(events, ready >= kBusyEvents);
    context_.now = clock_.Unmoved();
    self_.came_round.store(true, std::memory_order_relaxed);
    for (int i = 0; i < ready; ++i)
      Dispatch(events[static_cast<std::size_t>(i)].data.u64, events[static_cast<std::size_t>(i)].events);
    GiveTurns();
    CloseLate();
    reception_.CatchUp(context_.now);
    if (!group_.draining.load(std::memory_order_acquire)) continue;
    BeginDrain();
    if (IsDrained()) break;
  }
  CloseAll();
  self_.finished.store(true, std::memory_order_relaxed);
}

/// A busy loop that runs dry lets others run before it sleeps. Where clients share its processor (a proxy on the same
/// machine), their next requests are there when it comes back, and nobody has to wake it: a quarter more of them.
int EventLoop::Wait(std::span<epoll_event> events, bool was_busy) const {
  const auto wait = [&](int milliseconds) {
    return ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), milliseconds);
  };
  if (was_busy) {
    if (const int ready = wait(0); ready > 0) return ready;
    ::sched_yield();
  }
  return wait(WaitMilliseconds());
}

int EventLoop::WaitMilliseconds() const {
  if (!context_.turns.empty()) return 0;
  auto next = context_.deadlines.Next();
  const auto no_later_than = [&next](base::MonotonicTime time) { next = next ? std::min(*next, time) : time; };
  if (const auto reopens_at = reception_.reopens_at()) no_later_than(*reopens_at);
  if (context_.draining) no_later_than(group_.drain_until.load());
  if (!next) return -1;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*next - clock_.Unmoved()).count();
  return static_cast<int>(std::clamp<std::int64_t>(wait, 0, std::numeric_limits<int>::max()));
}

void EventLoop::Dispatch(std::uint64_t tag, std::uint32_t events) {
  const ConnectionRef ref{static_cast<std::uint32_t>(tag), static_cast<std::uint32_t>(tag >> 32)};
  if (ref.slot == kMailboxSlot) return ReadMailbox();
  if (ref.slot >= kFirstListenerSlot) return AcceptSome(listeners_[ref.slot - kFirstListenerSlot], kAcceptsPerTurn);
  Connection* connection = connections_.Find(ref);
  if (!connection) return;  // closed earlier in the same batch of events
  connection->OnEvents(events);
  ReleaseIfClosed(*connection);
}

void EventLoop::ReleaseIfClosed(Connection& connection) {
  if (connection.is_open()) return;
  group_.admission.Leave(connection.peer());
  connections_.Release(connection);
  self_.connections.fetch_sub(1, std::memory_order_relaxed);
}

// --- connections come -------------------------------------------------------------------------------

void EventLoop::AcceptSome(const Listener& listener, int most) {
  for (int i = 0; i < most; ++i) {
    auto accepted = reception_.Next(
        listener, [this] { return CloseLongestIdle(); }, context_.now);
    if (!accepted) return;
    LoopGroup::Member& member = context_.draining ? self_ : group_.LeastLoaded(self_);
    member.connections.fetch_add(1, std::memory_order_relaxed);
    if (&member == &self_) {
      Adopt(*std::move(accepted));
    } else {
      member.mailbox.Post(*std::move(accepted));
    }
  }
}

bool EventLoop::CloseLongestIdle() {
  const auto slot = context_.deadlines.Oldest(DeadlineKind::kIdle);
  if (!slot) return false;
  Connection& connection = connections_.At(*slot);
  connection.GiveWay();
  ReleaseIfClosed(connection);
  return true;
}

void EventLoop::Adopt(Accepted accepted) {
  Connection& connection = connections_.Acquire();
  connection.Open(MakeTransport(std::move(accepted.fd), accepted.secure), accepted.peer);
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

std::unique_ptr<Transport> EventLoop::MakeTransport(base::UniqueFd fd, bool secure) {
  if (!secure) return std::make_unique<Socket>(std::move(fd));
  if (!tls_scratch_) tls_scratch_ = std::make_unique<TlsScratch>();
  return std::make_unique<TlsTransport>(Socket(std::move(fd)), tls_, context_.worker.index, *tls_scratch_);
}

void EventLoop::ReadMailbox() {
  self_.mailbox.Take(messages_);
  for (Message& message : messages_) {
    if (auto* accepted = std::get_if<Accepted>(&message)) Adopt(std::move(*accepted));
    if (auto* done = std::get_if<PoolDone>(&message)) Receive(std::move(*done));
    if (auto* settings = std::get_if<Settings>(&message)) Apply(std::move(*settings));
  }
  messages_.clear();
}

void EventLoop::Receive(PoolDone done) {
  done.exchange->request.worker = context_.worker;  // what is counted from here on, this thread counts
  Connection* connection = connections_.Find(done.connection);
  if (!connection) return done.exchange->LogAborted(context_.pipeline);
  connection->OnPoolDone(std::move(done.exchange));
  ReleaseIfClosed(*connection);
}

void EventLoop::Apply(Settings settings) {
  context_.deadlines.SetDurations(DurationsOf(settings.limits));
  context_.least_taken_bytes = LeastTakenBytes(settings.limits);
  tls_ = std::move(settings.tls);
}

// --- time passes ------------------------------------------------------------------------------------

void EventLoop::GiveTurns() {
  std::uint64_t moved = 0;
  for (auto left = std::min(context_.turns.size(), kTurnsPerWait); left > 0 && moved < kTurnBytesPerWait; --left) {
    Connection* connection = connections_.Find(context_.turns.front());
    context_.turns.pop_front();
    if (!connection) continue;
    moved += connection->OnTurn();
    ReleaseIfClosed(*connection);
  }
}

void EventLoop::CloseLate() {
  for (int i = 0; i < kClosesPerWait; ++i) {
    const auto due = context_.deadlines.TakeDue(context_.now);
    if (!due) return;
    Connection& connection = connections_.At(due->owner);
    connection.OnDeadline(due->kind);
    ReleaseIfClosed(connection);
  }
}

// --- the end ----------------------------------------------------------------------------------------

void EventLoop::BeginDrain() {
  if (std::exchange(context_.draining, true)) return;
  for (const Listener& listener : listeners_) {
    // Whoever is in the queue has been told that the connection stands; one that others hold too is theirs to serve.
    if (!listener.inherited()) AcceptSome(listener, kAcceptsWhenDraining);
  }
  reception_.Shut();
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
