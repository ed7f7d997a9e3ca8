#include "net/slow_pool.h"

#include <stdexcept>
#include <utility>

namespace portal::net {

SlowPool::SlowPool(const http::Pipeline& pipeline, std::size_t first_worker, std::size_t threads, std::size_t queue)
    : pipeline_(pipeline), capacity_(queue) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this, i, first_worker] { Run(first_worker + i); });
}

SlowPool::~SlowPool() {
  {
    const base::MutexLock lock(mu_);
    stopping_ = true;
    waiting_.clear();
  }
  wake_.NotifyAll();
  for (std::thread& thread : threads_) thread.join();
}

bool SlowPool::TrySubmit(Job& job) {
  {
    const base::MutexLock lock(mu_);
    if (stopping_ || waiting_.size() >= capacity_) return false;
    waiting_.push_back(std::move(job));
  }
  wake_.NotifyOne();
  return true;
}

/// Waits for a job. False: there will be none any more.
bool SlowPool::Take(Job& job) {
  const base::MutexLock lock(mu_);
  while (!stopping_ && waiting_.empty()) wake_.Wait(mu_);
  if (stopping_) return false;
  job = std::move(waiting_.front());
  waiting_.pop_front();
  return true;
}

void SlowPool::Run(std::size_t worker) {
  for (Job job{}; Take(job);) {
    switch (job.task) {
      case Task::kAnswer:
        Answer(*job.exchange, worker);
        break;
      case Task::kReadAhead:
        job.exchange->outgoing.ReadAhead();
        break;
    }
    job.reply_to->Post(PoolDone{job.connection, std::move(job.exchange)});
  }
}

void SlowPool::Answer(Exchange& exchange, std::size_t worker) const {
  exchange.request.worker = base::WorkerId{worker};
  exchange.request.budget = http::ReadBudget::kUnbounded;
  exchange.response = pipeline_.Answer(exchange.request);
  if (!exchange.response) throw std::logic_error("a read without a budget exceeded it");
}

}  // namespace portal::net
