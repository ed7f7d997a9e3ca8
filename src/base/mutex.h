#pragma once

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

// What clang's -Wthread-safety checks: a member says which mutex guards it, a function which one it needs.
#if defined(__clang__)
#define PORTAL_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define PORTAL_THREAD_ANNOTATION(x)
#endif
#define GUARDED_BY(mutex) PORTAL_THREAD_ANNOTATION(guarded_by(mutex))
#define REQUIRES(...) PORTAL_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define ACQUIRE(...) PORTAL_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define RELEASE(...) PORTAL_THREAD_ANNOTATION(release_capability(__VA_ARGS__))

namespace portal::base {

/// std::mutex, in a form that the compiler can follow.
class PORTAL_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void Lock() ACQUIRE() { mutex_.lock(); }
  void Unlock() RELEASE() { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

/// A mutex for sections of some tens of nanoseconds: who finds it taken looks again for about as long before sleeping,
/// since a sleep and a wake cost a hundred times more than the section.
class PORTAL_THREAD_ANNOTATION(capability("mutex")) SpinningMutex {
 public:
  SpinningMutex() = default;
  SpinningMutex(const SpinningMutex&) = delete;
  SpinningMutex& operator=(const SpinningMutex&) = delete;
  ~SpinningMutex() { pthread_mutex_destroy(&mutex_); }

  void Lock() ACQUIRE() { pthread_mutex_lock(&mutex_); }
  void Unlock() RELEASE() { pthread_mutex_unlock(&mutex_); }

 private:
  pthread_mutex_t mutex_ = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
};

/// Holds a mutex for a scope.
template <class M>
class PORTAL_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(M& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.Lock(); }
  ~MutexLock() RELEASE() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  M& mutex_;
};

/// std::condition_variable for a Mutex. Waits may end without a reason: wait in a loop over the condition.
class CondVar {
 public:
  void Wait(Mutex& mutex) REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  /// False: `deadline` has come.
  bool WaitUntil(Mutex& mutex, std::chrono::steady_clock::time_point deadline) REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    const bool in_time = condition_.wait_until(lock, deadline) == std::cv_status::no_timeout;
    lock.release();
    return in_time;
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace portal::base
