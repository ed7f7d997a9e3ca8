#include "net/slow_pool.h"

#include <stdexcept>
#include <utility>

namespace portal::net {

bool SlowPool::Lane::TryPut(Job& job) {
  const base::MutexLock lock(mu_);
  if (ended_ || waiting_.size() >= capacity_) return false;
  waiting_.push_back(std::move(job));
  Wake();
  return true;
}

bool SlowPool::Lane::Take(Job& job) {
  const base::MutexLock lock(mu_);
  while (!ended_ && waiting_.empty()) {
    Idle idle;
    idle_.push_back(&idle);
    while (!idle.woken) idle.wake.Wait(mu_);
  }
  if (ended_) return false;
  job = std::move(waiting_.front());
  waiting_.pop_front();
  return true;
}

void SlowPool::Lane::End() {
  const base::MutexLock lock(mu_);
  ended_ = true;
  waiting_.clear();
  while (!idle_.empty()) Wake();
}

/// Under the lock: the one that wakes up takes what it waits on with it.
void SlowPool::Lane::Wake() {
  if (idle_.empty()) return;
  Idle* const last = idle_.back();
  idle_.pop_back();
  last->woken = true;
  last->wake.NotifyOne();
}

SlowPool::SlowPool(const http::Pipeline& pipeline, std::size_t first_worker, std::size_t threads, std::size_t queue)
    : pipeline_(pipeline), answers_(queue) {
  try {
    for (std::size_t i = 0; i < threads; ++i) {
      threads_.emplace_back([this, worker = base::WorkerId{first_worker + i}] { RunAnswers(worker); });
    }
    threads_.emplace_back([this] { RunReadAheads(); });
  } catch (...) {  // the kernel gives no more threads: those that run have to end
    End();
    throw;
  }
}

SlowPool::~SlowPool() { End(); }

void SlowPool::End() {
  answers_.End();
  read_aheads_.End();
  for (std::thread& thread : threads_) thread.join();
}

bool SlowPool::TrySubmit(Job& job) { return (job.task == Task::kAnswer ? answers_ : read_aheads_).TryPut(job); }

void SlowPool::RunAnswers(base::WorkerId worker) {
  for (Job job{}; answers_.Take(job);) {
    Exchange& exchange = *job.exchange;
    exchange.request.worker = worker;
    exchange.request.budget = http::ReadBudget::kUnbounded;
    exchange.response = pipeline_.Answer(exchange.request);
    if (!exchange.response) throw std::logic_error("a read without a budget exceeded it");
    job.reply_to->Post(PoolDone{job.connection, std::move(job.exchange)});
  }
}

void SlowPool::RunReadAheads() {
  for (Job job{}; read_aheads_.Take(job);) {
    job.exchange->outgoing.ReadAhead();
    job.reply_to->Post(PoolDone{job.connection, std::move(job.exchange)});
  }
}

}  // namespace portal::net
