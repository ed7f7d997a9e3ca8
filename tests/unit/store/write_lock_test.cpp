#include "store/write_lock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "support/temp_folder.h"

namespace portal::store::testing {
namespace {

using namespace std::chrono_literals;

class WriteLocks : public ::testing::Test {
 protected:
  std::unique_ptr<WriteLock> Open() { return std::move(*WriteLock::Open(folder_.path() / "portal.lock")); }

  portal::testing::TempFolder folder_;
};

/// Memory that a child shares with its parent.
struct Shared {
  std::atomic<int> inside{0};
  std::atomic<int> overlaps{0};
  std::atomic<int> rounds_of_child{0};
  std::atomic<bool> stop{false};
};
class SharedMemory {
 public:
  SharedMemory() {
    void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    shared_ = new (memory) Shared();
  }
  ~SharedMemory() { munmap(shared_, sizeof(Shared)); }
  Shared* operator->() const { return shared_; }
  Shared& operator*() const { return *shared_; }

 private:
  Shared* shared_;
};

void Enter(Shared& shared, std::chrono::nanoseconds at_least = 0ns) {
  if (shared.inside.fetch_add(1) != 0) shared.overlaps.fetch_add(1);
  const auto end = std::chrono::steady_clock::now() + at_least;
  for (int i = 0; i < 2 || std::chrono::steady_clock::now() < end; ++i) sched_yield();
  shared.inside.fetch_sub(1);
}

TEST_F(WriteLocks, AreHeldByOneThreadAtATime) {
  const auto lock = Open();
  Shared shared;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        const auto held = lock->Acquire(10s);
        ASSERT_TRUE(held);
        Enter(shared);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(shared.overlaps, 0);
}

TEST_F(WriteLocks, AreHeldByOneProcessAtATimeAndStarveNone) {
  const SharedMemory shared;
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto lock = Open();  // descriptions are inherited, so each process opens its own
    while (!shared->stop) {
      const auto held = lock->Acquire(10s);
      if (!held) _exit(1);
      Enter(*shared);
      shared->rounds_of_child.fetch_add(1);
    }
    _exit(0);
  }
  const auto lock = Open();
  while (shared->rounds_of_child == 0) sched_yield();
  auto longest = 0ns;
  int turns_of_child = 0;  // how many rounds it has in a turn says nothing: the parent pauses, too, while it waits
  for (int round = 0; round < 50; ++round) {
    const int rounds_of_child = shared->rounds_of_child;
    const auto before = std::chrono::steady_clock::now();
    const auto held = lock->Acquire(10s);
    longest = std::max<std::chrono::nanoseconds>(longest, std::chrono::steady_clock::now() - before);
    ASSERT_TRUE(held);
    if (shared->rounds_of_child != rounds_of_child) ++turns_of_child;
    Enter(*shared, 2ms);  // longer than the child pauses between two looks: by the end of it the child is in the queue
  }
  shared->stop = true;
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(shared->overlaps, 0);
  EXPECT_GT(turns_of_child, 10) << "the child starved beside the parent";
  EXPECT_LT(longest, 8s) << "the parent starved beside the child";
}

TEST_F(WriteLocks, AreGivenUpByAProcessThatDies) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto lock = Open();
    const auto held = lock->Acquire(10s);
    const char byte = 'x';
    if (write(ready[1], &byte, 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  const auto lock = Open();
  const auto refused = lock->Acquire(20ms);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().detail.find("another process"), std::string::npos);

  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(lock->Acquire(10s));
  close(ready[0]);
  close(ready[1]);
}

TEST_F(WriteLocks, AreRefusedToAThreadThatWaitedLongEnoughAndGoOnWithoutIt) {
  const auto lock = Open();
  {
    const auto held = lock->Acquire(0ms);
    ASSERT_TRUE(held);
    std::thread([&] { EXPECT_FALSE(lock->Acquire(10ms)); }).join();
  }
  std::thread([&] { EXPECT_TRUE(lock->Acquire(0ms)); }).join();
}

/// Does that thread of this process wait in the kernel? The state is behind the name in brackets (proc(5)).
bool Sleeps(pid_t thread) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = text.rfind(')');
  return name_end != std::string::npos && text.compare(name_end, 3, ") S") == 0;
}

TEST_F(WriteLocks, AreGivenToThreadsInTheOrderInWhichTheyAsked) {
  const auto lock = Open();
  std::vector<int> order;  // guarded by the lock itself
  std::vector<std::thread> threads;
  {
    const auto held = lock->Acquire(0ms);
    ASSERT_TRUE(held);
    for (int number = 0; number < 5; ++number) {
      std::atomic<pid_t> asks{0};
      threads.emplace_back([&, number] {
        asks = gettid();
        const auto turn = lock->Acquire(60s);
        ASSERT_TRUE(turn);
        order.push_back(number);
      });
      // The next one asks when this one waits in the queue, which is the only place where it sleeps.
      while (asks == 0 || !Sleeps(asks)) sched_yield();
    }
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST_F(WriteLocks, AreRefusedAtOnceWhereTheSystemCannotLock) {
  const auto lock = Open();
  const std::filesystem::path file = folder_.path() / "portal.lock";
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code closed;
    if (std::filesystem::read_symlink(entry, closed) != file) continue;
    const int read_only = open(file.c_str(), O_RDONLY | O_CLOEXEC);  // cannot be locked for writing: EBADF
    ASSERT_EQ(dup2(read_only, std::stoi(entry.path().filename())), std::stoi(entry.path().filename()));
    close(read_only);
  }
  const auto before = std::chrono::steady_clock::now();
  const auto refused = lock->Acquire(60s);
  ASSERT_FALSE(refused);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 30s);
  EXPECT_NE(refused.error().detail.find("cannot lock files"), std::string::npos);
  EXPECT_NE(refused.error().internal.find("Bad file descriptor"), std::string::npos);
}

TEST_F(WriteLocks, AreRefusedOnAFileThatNobodyElseWouldFind) {
  const std::filesystem::path file = folder_.path() / "portal.lock";
  const auto lock = Open();
  ASSERT_TRUE(lock->Acquire(0ms));
  std::filesystem::remove(file);
  EXPECT_FALSE(lock->Acquire(0ms));
  const auto other = Open();  // in its place
  const auto refused = lock->Acquire(0ms);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("removed or replaced"), std::string::npos);
  EXPECT_TRUE(other->Acquire(0ms));
}

}  // namespace
}  // namespace portal::store::testing
