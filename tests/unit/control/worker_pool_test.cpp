#include "control/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>
#include <vector>

#include "base/mutex.h"

namespace portal::control {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

TEST(WorkerPool, TakesAsManyJobsAsItHasThreadsAndRoom) {
  WorkerPool pool(2, 1);
  std::promise<void> go;
  const std::shared_future<void> gone = go.get_future().share();
  std::atomic<int> done = 0;
  const auto job = [&](std::size_t) {
    gone.wait();
    ++done;
  };
  EXPECT_TRUE(pool.Enqueue(job));
  EXPECT_TRUE(pool.Enqueue(job));
  EXPECT_FALSE(pool.IsCrowded());
  EXPECT_TRUE(pool.Enqueue(job));
  EXPECT_TRUE(pool.IsCrowded());
  EXPECT_FALSE(pool.Enqueue(job)) << "both threads are busy, and the queue is full";
  EXPECT_FALSE(pool.WaitUntilIdle(steady_clock::now() + 1ms));
  go.set_value();
  EXPECT_TRUE(pool.WaitUntilIdle(steady_clock::now() + 10s));
  EXPECT_EQ(done, 3);
}

TEST(WorkerPool, TellsEachJobWhichThreadItIsOn) {
  WorkerPool pool(3, 10);
  base::Mutex mu;
  std::set<std::size_t> seen;
  std::promise<void> all_seen;
  const std::shared_future<void> all = all_seen.get_future().share();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(pool.Enqueue([&](std::size_t worker) {
      {
        const base::MutexLock lock(mu);
        seen.insert(worker);
        if (seen.size() == 3) all_seen.set_value();
      }
      all.wait();  // so that each job has a thread of its own
    }));
  }
  EXPECT_TRUE(pool.WaitUntilIdle(steady_clock::now() + 10s));
  EXPECT_EQ(seen, (std::set<std::size_t>{0, 1, 2}));
}

TEST(WorkerPool, FinishesWhatItHasWhenItStopsAndTakesNoMore) {
  std::atomic<int> done = 0;
  WorkerPool pool(1, 10);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(pool.Enqueue([&](std::size_t) { ++done; }));
  pool.Stop();
  EXPECT_EQ(done, 5);
  EXPECT_FALSE(pool.Enqueue([&](std::size_t) { ++done; }));
}

}  // namespace
}  // namespace portal::control
