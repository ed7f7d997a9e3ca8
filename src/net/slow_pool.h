#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "http/pipeline.h"
#include "net/mailbox.h"

namespace portal::net {

/// Threads for the reads that are too slow for an event loop. Each job goes back to its loop's mailbox when
/// it is done; at most `queue` wait. Thread-safe.
class SlowPool {
 public:
  enum class Task : std::uint8_t {
    kAnswer,     ///< from the start again, without a budget
    kReadAhead,  ///< the next bytes of a file that is being sent
  };
  struct Job {
    Task task;
    std::unique_ptr<Exchange> exchange;  ///< owns its request
    ConnectionRef connection;
    Mailbox* reply_to = nullptr;  ///< must outlive the pool
  };

  /// Its threads are workers `first_worker` and following.
  SlowPool(const http::Pipeline& pipeline, std::size_t first_worker, std::size_t threads, std::size_t queue);
  ~SlowPool();  ///< drops what waits, finishes what runs
  SlowPool(const SlowPool&) = delete;
  SlowPool& operator=(const SlowPool&) = delete;

  /// False, with `job` untouched, when the queue is full.
  [[nodiscard]] bool TrySubmit(Job& job);

 private:
  void Run(std::size_t worker);
  bool Take(Job& job);
  void Answer(Exchange& exchange, std::size_t worker) const;

  const http::Pipeline& pipeline_;
  const std::size_t capacity_;
  base::Mutex mu_;
  base::CondVar wake_;
  std::deque<Job> waiting_ GUARDED_BY(mu_);
  bool stopping_ GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace portal::net
