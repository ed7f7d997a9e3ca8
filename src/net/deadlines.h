#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace portal::net {

/// What a connection may be late with.
enum class DeadlineKind : std::uint8_t {
  kHandshake,  ///< agreeing on encryption
  kIdle,       ///< the first byte of a next request
  kHead,       ///< a whole head, from its first byte
  kSend,       ///< taking enough of an answer
  kLinger,     ///< hanging up after the last answer
};
inline constexpr std::size_t kDeadlineKinds = 5;
inline constexpr std::array<std::string_view, kDeadlineKinds> kDeadlineKindNames = {"handshake", "idle", "head", "send",
                                                                                    "linger"};

/// Deadlines of many connections at a constant cost each. Every kind has one duration, so that whoever is
/// armed later is due later, and a list a kind is in order by itself. (A duration that shrinks keeps that order:
/// whoever is armed next is due no earlier than the last before.) A member has at most one deadline
/// and must be disarmed before it goes. Not thread-safe.
class Deadlines {
 public:
  /// Part of whoever has a deadline.
  struct Member {
    explicit Member(std::uint32_t owner_id) : owner(owner_id) {}
    std::uint32_t owner;  ///< what `TakeDue` gives back

   private:
    friend class Deadlines;
    Member* before = nullptr;
    Member* after = nullptr;
    base::MonotonicTime due;
    DeadlineKind kind = DeadlineKind::kIdle;
    bool armed = false;
  };

  using Durations = std::array<std::chrono::milliseconds, kDeadlineKinds>;
  explicit Deadlines(const Durations& durations) : durations_(durations) {}

  /// For whoever is armed from now on.
  void SetDurations(const Durations& durations) { durations_ = durations; }
  std::chrono::milliseconds DurationOf(DeadlineKind kind) const { return durations_[static_cast<std::size_t>(kind)]; }

  /// Replaces the member's deadline. REQUIRES: `now` never goes back between calls.
  void Arm(Member& member, DeadlineKind kind, base::MonotonicTime now);
  void Disarm(Member& member);
  bool IsArmed(const Member& member, DeadlineKind kind) const { return member.armed && member.kind == kind; }

  /// The earliest deadline there is.
  std::optional<base::MonotonicTime> Next() const;

  /// Whose deadline of this kind was armed longest ago; nullopt when nobody's is.
  std::optional<std::uint32_t> Oldest(DeadlineKind kind) const;

  /// Disarms one member that is due and returns its owner; nullopt when nobody is.
  struct Due {
    std::uint32_t owner;
    DeadlineKind kind;
  };
  std::optional<Due> TakeDue(base::MonotonicTime now);

 private:
  struct List {
    Member* first = nullptr;
    Member* last = nullptr;
  };
  List& ListOf(DeadlineKind kind) { return lists_[static_cast<std::size_t>(kind)]; }

  Durations durations_;
  std::array<List, kDeadlineKinds> lists_;
};

}  // namespace portal::net
