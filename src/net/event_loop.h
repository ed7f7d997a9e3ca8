#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/logger.h"
#include "base/unique_fd.h"
#include "net/connection_slab.h"
#include "net/listener.h"
#include "net/loop_context.h"
#include "net/loop_group.h"
#include "net/reception.h"
#include "net/settings.h"
#include "net/tls_wire.h"

namespace portal::net {

/// One thread that serves its connections with epoll and never blocks on any of them. All loops wait on
/// the shared listeners, one of them is woken for a connection, and the loop with the fewest gets it.
class EventLoop {
 public:
  /// Everything is borrowed and must outlive the loop. Throws std::system_error when the kernel has no
  /// descriptor left.
  EventLoop(std::span<const Listener> listeners, LoopGroup& group, std::size_t index, const http::Pipeline& pipeline,
            SlowPool& pool, const base::Clock& clock, base::Logger& logger, const Settings& settings);

  /// Serves until the group drains and its own connections are closed, or the drain's time is up.
  void Run();

 private:
  int Wait(std::span<epoll_event> events, bool was_busy) const;
  int WaitMilliseconds() const;
  void Dispatch(std::uint64_t tag, std::uint32_t events);
  void ReleaseIfClosed(Connection& connection);

  void AcceptSome(const Listener& listener, int most);
  bool CloseLongestIdle();
  void Adopt(Accepted accepted);
  std::unique_ptr<Transport> MakeTransport(base::UniqueFd fd, bool secure);
  void ReadMailbox();
  void Receive(PoolDone done);
  void Apply(Settings settings);

  void GiveTurns();
  void CloseLate();

  void BeginDrain();
  bool IsDrained();
  void CloseAll();

  const std::span<const Listener> listeners_;
  LoopGroup& group_;
  LoopGroup::Member& self_;
  const base::Clock& clock_;
  base::UniqueFd epoll_;
  Reception reception_;
  std::shared_ptr<const TlsContext> tls_;
  std::unique_ptr<TlsScratch> tls_scratch_;  ///< before the connections, which use it; null until the first
  LoopContext context_;
  ConnectionSlab connections_;
  std::vector<Message> messages_;
};

}  // namespace portal::net
