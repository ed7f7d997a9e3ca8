#include "net/server.h"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include "base/mutex.h"
#include "net/event_loop.h"

namespace portal::net {

struct Server::Parts {
  Parts(std::vector<Listener> bound, const http::Pipeline& pipeline, const base::Clock& used_clock,
        base::Logger& logger, const Options& options)
      : clock(used_clock),
        drain_timeout(options.settings.limits.drain_timeout),
        listeners(std::move(bound)),
        group(std::max<std::size_t>(options.loops, 1), options.settings.limits),
        pool(pipeline, group.members.size(), std::max<std::size_t>(options.pool_threads, 1), options.pool_queue) {
    for (std::size_t i = 0; i < group.members.size(); ++i) {
      loops.push_back(
          std::make_unique<EventLoop>(listeners, group, i, pipeline, pool, clock, logger, options.settings));
    }
    try {
      for (const auto& loop : loops) threads.emplace_back([&loop = *loop] { loop.Run(); });
    } catch (...) {  // the kernel gives no more threads: those that run have to end
      group.accepting -= loops.size() - threads.size();
      Drain(std::chrono::milliseconds{0});
      throw;
    }
  }

  void Drain(std::chrono::milliseconds grace) {
    const base::MutexLock lock(drain_mu);
    if (threads.empty()) return;
    group.drain_until = clock.Unmoved() + grace;
    group.draining.store(true, std::memory_order_release);
    group.WakeAll();
    for (auto left = group.accepting.load(); left > 0; left = group.accepting.load()) group.accepting.wait(left);
    listeners.clear();  // from here on the kernel refuses whoever comes
    for (std::thread& thread : threads) thread.join();
    threads.clear();
  }

  const base::Clock& clock;
  std::atomic<std::chrono::milliseconds> drain_timeout;
  base::Mutex drain_mu;  ///< one drain at a time
  std::vector<Listener> listeners;
  LoopGroup group;
  std::vector<std::unique_ptr<EventLoop>> loops;
  SlowPool pool;
  std::vector<std::thread> threads;
};

Server::Server(std::vector<Listener> listeners, const http::Pipeline& pipeline, const base::Clock& clock,
               base::Logger& logger, Options options) {
  // sendfile has no MSG_NOSIGNAL: a client that hangs up would end the process.
  ::signal(SIGPIPE, SIG_IGN);
  parts_ = std::make_unique<Parts>(std::move(listeners), pipeline, clock, logger, options);
}

Server::~Server() { parts_->Drain(std::chrono::milliseconds{0}); }

void Server::Drain() { parts_->Drain(parts_->drain_timeout); }

void Server::Apply(const Settings& settings) {
  parts_->drain_timeout = settings.limits.drain_timeout;
  parts_->group.admission.SetLimits(settings.limits);
  for (LoopGroup::Member& member : parts_->group.members) member.mailbox.Post(settings);
}

Counts Server::Counts() const {
  net::Counts counts;
  for (const LoopGroup::Member& member : parts_->group.members) member.counters.AddTo(counts);
  const Admission::Crowd crowd = parts_->group.admission.Look();
  counts.addresses = crowd.addresses;
  counts.most_of_one_address = crowd.most_of_one;
  return counts;
}

bool Server::Beat() {
  bool all = true;
  for (LoopGroup::Member& member : parts_->group.members) {
    const bool came_round = member.came_round.exchange(false, std::memory_order_relaxed);
    all &= came_round || member.finished.load(std::memory_order_relaxed);
    member.mailbox.Wake();
  }
  return all;
}

}  // namespace portal::net
