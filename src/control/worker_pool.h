#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace portal::control {

/// A fixed number of threads for jobs that may block, and a bounded queue before them. Thread-safe.
class WorkerPool {
 public:
  /// `worker` counts the threads from 0.
  using Job = std::function<void(std::size_t worker)>;

  WorkerPool(std::size_t threads, std::size_t queue);
  ~WorkerPool();  ///< Stop
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False: the queue is full, or the pool has stopped.
  bool Enqueue(Job job);
  /// Whether a job waits that no thread is free for.
  bool IsCrowded() const;
  /// Waits until there is no job left. False: `deadline` has come before.
  bool WaitUntilIdle(std::chrono::steady_clock::time_point deadline);
  /// Takes no more jobs; returns when those it has are done. Idempotent.
  void Stop();

 private:
  void Run(std::size_t worker);

  const std::size_t size_;
  const std::size_t capacity_;
  mutable base::Mutex mu_;
  base::CondVar wake_;
  base::CondVar done_;
  std::deque<Job> queue_ GUARDED_BY(mu_);
  std::size_t running_ GUARDED_BY(mu_) = 0;
  bool stopping_ GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace portal::control
