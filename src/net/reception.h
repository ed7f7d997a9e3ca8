#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/logger.h"
#include "net/acceptor.h"
#include "net/admission.h"
#include "net/counts.h"
#include "net/listener.h"

namespace portal::net {

/// Takes clients off the listeners for one event loop and decides who is let in. What it turns away it counts,
/// and logs once a second at most. Not thread-safe.
class Reception {
 public:
  /// Everything is borrowed and must outlive it. Listener i's events in `epoll_fd` are tagged `first_tag + i`.
  Reception(int epoll_fd, std::uint64_t first_tag, std::span<const Listener> listeners, Admission& admission,
            LoopCounters& counters, base::Logger& logger);

  /// Lets epoll tell of waiting clients, one loop at a time. Throws std::system_error when the kernel refuses.
  void Open();
  void Shut();

  /// The next client of that listener that is let in. nullopt: nobody waits, or enough were turned away for now,
  /// or the kernel cannot give any; then it has shut itself until `reopens_at`. `make_room` closes the connection
  /// that has been idle for longest; false if there is none.
  std::optional<Accepted> Next(const Listener& listener, base::FunctionRef<bool()> make_room, base::MonotonicTime now);

  std::optional<base::MonotonicTime> reopens_at() const { return reopens_at_; }
  /// Opens again and logs what is due.
  void CatchUp(base::MonotonicTime now);

 private:
  bool TryOpen();
  bool LetIn(const base::IpAddress& peer, base::FunctionRef<bool()> make_room, base::MonotonicTime now);
  void TurnAway(HangUp reason, base::MonotonicTime now);
  void Pause(base::MonotonicTime now);
  void LogTurnedAway(base::MonotonicTime now);

  const int epoll_fd_;
  const std::uint64_t first_tag_;
  const std::span<const Listener> listeners_;
  Admission& admission_;
  LoopCounters& counters_;
  base::Logger& logger_;
  Acceptor acceptor_;
  std::optional<base::MonotonicTime> reopens_at_;
  std::array<std::uint64_t, kHangUps> logged_{};  // of counters_.hung_up
  std::uint64_t logged_errors_ = 0;
  bool unlogged_ = false;
  base::MonotonicTime log_again_{};
};

}  // namespace portal::net
