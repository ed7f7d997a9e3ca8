#include "control/password_door.h"

#include <algorithm>

#include "crypto/password.h"

namespace portal::control {
namespace {

constexpr std::size_t kMostAddresses = 10'000;  // beyond, strangers share a budget
// What is counted of an address.
constexpr std::uint8_t kTries = 0;
constexpr std::uint8_t kLines = 1;

auto ComeAgain(std::string detail, std::chrono::seconds wait) {
  wait = std::max(wait, std::chrono::seconds{1});
  detail += ". Please retry after " + std::to_string(wait.count()) + (wait.count() == 1 ? " second" : " seconds");
  base::Error error{base::ErrorCode::kRateLimitExceeded, std::move(detail), {}, {}};
  error.retry_after = wait;
  return base::Fail(std::move(error));
}

}  // namespace

/// Of one who has entered; waits until at most kAtOnce are at it. He leaves with it.
class PasswordDoor::Turn {
 public:
  explicit Turn(PasswordDoor& door) : door_(door) {
    const base::MutexLock lock(door.mu_);
    while (door.at_it_ >= kAtOnce) door.left_.Wait(door.mu_);
    ++door.at_it_;
  }
  ~Turn() {
    {
      const base::MutexLock lock(door_.mu_);
      --door_.at_it_;
      --door_.inside_;
    }
    door_.left_.NotifyOne();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  PasswordDoor& door_;
};

PasswordDoor::PasswordDoor(const base::Clock& clock) : table_(clock, kWindow, kMostAddresses) {}

/// False: there is no room.
bool PasswordDoor::Enter() {
  const base::MutexLock lock(mu_);
  if (inside_ >= kAtOnce + kWaiting) return false;
  ++inside_;
  return true;
}

base::Result<bool> PasswordDoor::Try(const base::IpAddress& address, const std::optional<std::string>& kept,
                                     std::string_view password) {
  const resilience::WindowKey key{address.LimitKey(), kTries};
  bool full = false;
  const resilience::Decision decision = table_.Take(key, kTriesPerAddress, [&](base::MonotonicTime) {
    full = !Enter();
    return !full;
  });
  if (full) return ComeAgain("Too many passwords are being tried", kComeAgain);
  if (!decision.allowed) {
    return ComeAgain("Too many passwords were tried from this address",
                     std::chrono::ceil<std::chrono::seconds>(decision.resets_at - decision.decided_at));
  }
  const Turn turn(*this);
  auto right = kept ? crypto::VerifyPassword(*kept, password) : crypto::RefusePassword(password);
  if (right && *right) table_.Reset(key);
  return right;
}

bool PasswordDoor::IsWorthALine(const base::IpAddress& address) {
  return table_.Take({address.LimitKey(), kLines}, 1).allowed;
}

}  // namespace portal::control
