#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace portal::app {

/// The signals that tell a portal what to do, as something to wait for instead of something that interrupts:
/// SIGTERM, SIGINT and a terminal that goes away stop it; a SIGHUP that somebody sends reloads it. Under nohup the
/// terminal may go. Make it before any other thread exists: the signals are blocked in all threads, and one of its own
/// waits for them, so that no slow step of the others holds up an impatient operator. Thread-safe.
///
/// A stop before `Serving`, and a second one at any time, ends the process at once, without a drain. A hang-up does
/// not count as the second: it often comes twice, from the kernel and from a shell.
class Signals {
 public:
  Signals();

  struct Order {
    enum class Kind { kStop, kReload };
    Kind kind;
    int signal;
  };
  /// The next one; a hang-up that means nothing is passed over.
  Order Wait();

  /// From here on there is something to drain: somebody calls `Wait`.
  void Serving();

  /// What must be removed even if the process is ended at once, without its destructors: `remove` is called at most
  /// once then, from another thread and at any time, and throws nothing.
  void TakeAlong(std::function<void()> remove);

  /// What is still to be said when the process is ended at once, for as long as this lives: `say` is called at most
  /// once then, after what TakeAlong removes, from another thread, and throws nothing. One at a time.
  class LastWords {
   public:
    LastWords(Signals& signals, std::function<void()> say);
    ~LastWords();
    LastWords(const LastWords&) = delete;
    LastWords& operator=(const LastWords&) = delete;

   private:
    Signals& signals_;
  };

  /// Ends the process at once when it is still there after that time.
  void EndProcessAfter(std::chrono::milliseconds time);

 private:
  class Watcher;
  std::shared_ptr<Watcher> watcher_;  // its thread lives as long as the process
};

}  // namespace portal::app
