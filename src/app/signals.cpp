#include "app/signals.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <deque>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/unique_fd.h"

namespace portal::app {
namespace {

using Clock = std::chrono::steady_clock;

bool HasTerminal() { return static_cast<bool>(base::UniqueFd(::open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC))); }

}  // namespace

class Signals::Watcher {
 public:
  Watcher() : had_terminal_(HasTerminal()) {
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, signal);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    struct sigaction hup {};
    ::sigaction(SIGHUP, nullptr, &hup);
    under_nohup_ = hup.sa_handler == SIG_IGN;
    // What is ignored may be lost even while it is blocked.
    hup.sa_handler = SIG_DFL;
    ::sigaction(SIGHUP, &hup, nullptr);
  }

  [[noreturn]] void Run() {
    while (true) {
      siginfo_t received{};
      const timespec second{1, 0};  // in which to look at the clock
      const int signal = ::sigtimedwait(&set_, &received, &second);
      if (signal < 0) {
        EndProcessWhenOverdue();
      } else if (const auto kind = KindOf(received)) {
        Take({*kind, signal});
      }
    }
  }

  Order Wait() {
    const base::MutexLock lock(mu_);
    while (orders_.empty()) wake_.Wait(mu_);
    const Order next = orders_.front();
    orders_.pop_front();
    return next;
  }

  void Serving() {
    const base::MutexLock lock(mu_);
    serving_ = true;
  }
  void TakeAlong(std::function<void()> remove) {
    const base::MutexLock lock(mu_);
    removals_.push_back(std::move(remove));
  }
  void SayLast(std::function<void()> say) {
    const base::MutexLock lock(mu_);
    say_last_ = std::move(say);
  }
  void EndProcessAfter(std::chrono::milliseconds time) {
    const base::MutexLock lock(mu_);
    end_ = Clock::now() + time;
  }

 private:
  /// nullopt: it means nothing.
  std::optional<Order::Kind> KindOf(const siginfo_t& received) const {
    if (received.si_signo != SIGHUP) return Order::Kind::kStop;
    if (under_nohup_) return received.si_code == SI_KERNEL ? std::nullopt : std::optional(Order::Kind::kReload);
    // The kernel tells a session's leader and the foreground; a shell tells its other jobs with a kill like any other,
    // but by then the terminal has gone.
    const bool hung_up = received.si_code == SI_KERNEL || (had_terminal_ && !HasTerminal());
    return hung_up ? Order::Kind::kStop : Order::Kind::kReload;
  }

  void Take(Order order) {
    {
      const base::MutexLock lock(mu_);
      const bool stop = order.kind == Order::Kind::kStop;
      if (stop && stopping_ && order.signal == SIGHUP) return;
      if (stop && (stopping_ || !serving_)) EndProcess(128 + order.signal);
      stopping_ = stopping_ || stop;
      orders_.push_back(order);
    }
    wake_.NotifyOne();
  }

  void EndProcessWhenOverdue() {
    const base::MutexLock lock(mu_);
    if (!end_ || Clock::now() < *end_) return;
    std::fputs("portal-appliance: a thread does not end; leaving without it\n", stderr);
    EndProcess(1);
  }

  [[noreturn]] void EndProcess(int status) REQUIRES(mu_) {
    for (const std::function<void()>& remove : removals_) remove();
    if (say_last_) say_last_();
    ::_exit(status);
  }

  sigset_t set_;
  const bool had_terminal_;  // a controlling one, when the process started
  bool under_nohup_ = false;
  base::Mutex mu_;
  base::CondVar wake_;
  std::deque<Order> orders_ GUARDED_BY(mu_);
  std::vector<std::function<void()>> removals_ GUARDED_BY(mu_);
  std::function<void()> say_last_ GUARDED_BY(mu_);  // empty: nothing
  std::optional<Clock::time_point> end_ GUARDED_BY(mu_);
  bool serving_ GUARDED_BY(mu_) = false;
  bool stopping_ GUARDED_BY(mu_) = false;  // a stop has been ordered
};

Signals::Signals() : watcher_(std::make_shared<Watcher>()) {
  std::thread([watcher = watcher_] { watcher->Run(); }).detach();
}

Signals::Order Signals::Wait() { return watcher_->Wait(); }
void Signals::Serving() { watcher_->Serving(); }
void Signals::TakeAlong(std::function<void()> remove) { watcher_->TakeAlong(std::move(remove)); }
Signals::LastWords::LastWords(Signals& signals, std::function<void()> say) : signals_(signals) {
  signals_.watcher_->SayLast(std::move(say));
}
Signals::LastWords::~LastWords() { signals_.watcher_->SayLast({}); }
void Signals::EndProcessAfter(std::chrono::milliseconds time) { watcher_->EndProcessAfter(time); }

}  // namespace portal::app
