#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "http/pipeline.h"
#include "net/mailbox.h"

namespace portal::net {

/// Threads for the reads that are too slow for an event loop: some that answer requests without a budget,
/// and one that waits for the disk, so that neither queries nor downloads queue behind the other. Each job
/// goes back to its loop's mailbox when it is done. Thread-safe.
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

  /// `threads` answer; they are workers `first_worker` and following. At most `queue` answers wait; a
  /// connection has at most one read-ahead, so those need no bound of their own.
  SlowPool(const http::Pipeline& pipeline, std::size_t first_worker, std::size_t threads, std::size_t queue);
  ~SlowPool();  ///< drops what waits, finishes what runs
  SlowPool(const SlowPool&) = delete;
  SlowPool& operator=(const SlowPool&) = delete;

  /// False, with `job` untouched, when it is an answer and as many wait as may, or when the pool is ending.
  [[nodiscard]] bool TrySubmit(Job& job);

 private:
  /// Jobs of one task, in the order in which they came. Of the threads that wait for one, the last to have worked gets
  /// it: what its database connection and its core have read is the warmest.
  class Lane {
   public:
    explicit Lane(std::size_t capacity) : capacity_(capacity) {}
    bool TryPut(Job& job);
    bool Take(Job& job);  ///< waits; false: there will be none any more
    void End();

   private:
    struct Idle {  // on the stack of a thread that waits
      base::CondVar wake;
      bool woken = false;
    };
    void Wake() REQUIRES(mu_);  ///< the last of those that are idle, if any is

    const std::size_t capacity_;
    base::Mutex mu_;
    std::deque<Job> waiting_ GUARDED_BY(mu_);
    std::vector<Idle*> idle_ GUARDED_BY(mu_);
    bool ended_ GUARDED_BY(mu_) = false;
  };

  void End();
  void RunAnswers(base::WorkerId worker);
  void RunReadAheads();

  const http::Pipeline& pipeline_;
  Lane answers_;
  Lane read_aheads_{std::numeric_limits<std::size_t>::max()};
  std::vector<std::thread> threads_;
};

}  // namespace portal::net
