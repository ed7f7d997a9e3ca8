#include "control/worker_pool.h"

#include <utility>

namespace portal::control {

WorkerPool::WorkerPool(std::size_t threads, std::size_t queue) : size_(threads), capacity_(queue) {
  try {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this, i] { Run(i); });
  } catch (...) {  // the kernel gives no more threads: those that run have to end
    Stop();
    throw;
  }
}

WorkerPool::~WorkerPool() { Stop(); }

bool WorkerPool::Enqueue(Job job) {
  {
    const base::MutexLock lock(mu_);
    // A job that a thread has not woken up for yet takes no room in the queue.
    if (stopping_ || running_ + queue_.size() >= size_ + capacity_) return false;
    queue_.push_back(std::move(job));
  }
  wake_.NotifyOne();
  return true;
}

bool WorkerPool::IsCrowded() const {
  const base::MutexLock lock(mu_);
  return running_ + queue_.size() > size_;
}

bool WorkerPool::WaitUntilIdle(std::chrono::steady_clock::time_point deadline) {
  const base::MutexLock lock(mu_);
  while (running_ > 0 || !queue_.empty()) {
    if (!done_.WaitUntil(mu_, deadline)) return running_ == 0 && queue_.empty();
  }
  return true;
}

void WorkerPool::Stop() {
  {
    const base::MutexLock lock(mu_);
    stopping_ = true;
  }
  wake_.NotifyAll();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void WorkerPool::Run(std::size_t worker) {
  while (true) {
    Job job;
    {
      const base::MutexLock lock(mu_);
      while (!stopping_ && queue_.empty()) wake_.Wait(mu_);
      if (queue_.empty()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
      ++running_;
    }
    job(worker);
    job = {};  // what it holds goes before anybody hears that it is done
    const base::MutexLock lock(mu_);
    --running_;
    done_.NotifyAll();
  }
}

}  // namespace portal::control
