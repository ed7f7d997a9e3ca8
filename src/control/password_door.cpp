#include "control/password_door.h"

#include <algorithm>

#include "crypto/password.h"

namespace portal::control {
namespace {

constexpr std::size_t kMostAddresses = 10'000;  // beyond, strangers share a budget

auto ComeAgain(std::string detail, std::chrono::seconds wait) {
  wait = std::max(wait, std::chrono::seconds{1});
  detail += ". Please retry after " + std::to_string(wait.count()) + (wait.count() == 1 ? " second" : " seconds");
  base::Error error{base::ErrorCode::kRateLimitExceeded, std::move(detail), {}, {}};
  error.retry_after = wait;
  return base::Fail(std::move(error));
}

}  // namespace

/// One of the few that try a password at a time; `taken` is false where none became free in time.
class PasswordDoor::Place {
 public:
  explicit Place(PasswordDoor& door) : door_(door) {
    const base::MutexLock lock(door.mu_);
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    bool in_time = true;
    while (door.inside_ >= kAtOnce && in_time) in_time = door.left_.WaitUntil(door.mu_, deadline);
    taken_ = door.inside_ < kAtOnce;
    if (taken_) ++door.inside_;
  }
  ~Place() {
    if (!taken_) return;
    {
      const base::MutexLock lock(door_.mu_);
      --door_.inside_;
    }
    door_.left_.NotifyOne();
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  bool taken() const { return taken_; }

 private:
  PasswordDoor& door_;
  bool taken_ = false;
};

PasswordDoor::PasswordDoor(const base::Clock& clock) : tries_(clock, kWindow, kMostAddresses) {}

base::Result<bool> PasswordDoor::Try(const base::IpAddress& address, const std::optional<std::string>& kept,
                                     std::string_view password) {
  const resilience::WindowKey key{address.LimitKey()};
  const resilience::Decision decision = tries_.Take(key, kTriesPerAddress);
  if (!decision.allowed) {
    return ComeAgain("Too many passwords were tried from this address",
                     std::chrono::ceil<std::chrono::seconds>(decision.resets_at - decision.decided_at));
  }
  const Place place(*this);
  if (!place.taken()) return ComeAgain("Too many passwords are being tried", kPatience);
  const bool right = kept ? crypto::VerifyPassword(*kept, password) : crypto::RefusePassword(password);
  if (right) tries_.Reset(key);
  return right;
}

}  // namespace portal::control
