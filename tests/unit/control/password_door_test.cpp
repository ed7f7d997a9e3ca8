#include "control/password_door.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "crypto/password.h"
#include "crypto/sodium.h"
#include "support/manual_clock.h"

namespace portal::control {
namespace {

constexpr std::string_view kRight = "correct horse battery";

class PasswordDoor : public ::testing::Test {
 protected:
  void SetUp() override {
    crypto::Initialize();
    kept_ = *crypto::HashPassword(kRight);
  }

  base::Result<bool> Try(std::string_view password, std::string_view address = "192.0.2.7") {
    return door_.Try(*base::IpAddress::Parse(address), kept_, password);
  }

  testing::ManualClock clock_;
  std::optional<std::string> kept_;
  control::PasswordDoor door_{clock_};
};

TEST_F(PasswordDoor, LetsTheRightOneThroughAndNoneWhereThereIsNone) {
  EXPECT_TRUE(*Try(kRight));
  EXPECT_FALSE(*Try("wrong"));
  kept_.reset();
  EXPECT_FALSE(*Try(kRight));
}

TEST_F(PasswordDoor, BrakesAnAddressThatGuessesAndNoOther) {
  for (std::uint32_t i = 0; i < control::PasswordDoor::kTriesPerAddress; ++i) EXPECT_FALSE(*Try("guess"));
  const auto braked = Try(kRight);
  ASSERT_FALSE(braked) << "guessing goes on for as long as right ones are let through";
  EXPECT_EQ(braked.error().code, base::ErrorCode::kRateLimitExceeded);
  EXPECT_GE(braked.error().retry_after.count(), 1);
  EXPECT_TRUE(*Try(kRight, "192.0.2.8"));
  clock_.Advance(braked.error().retry_after);
  EXPECT_TRUE(*Try(kRight)) << "whoever waits as long as he is told gets through";
}

TEST_F(PasswordDoor, CountsNothingAgainstThoseWhoKnowThePassword) {
  for (std::uint32_t i = 0; i < control::PasswordDoor::kTriesPerAddress + 2; ++i) EXPECT_TRUE(*Try(kRight));
}

/// Four who try again and again, each from an address of his own, until told to stop: they take all the room there is.
class Crowd {
 public:
  Crowd(control::PasswordDoor& door, const std::optional<std::string>& kept) {
    for (int i = 0; i < control::PasswordDoor::kAtOnce + control::PasswordDoor::kWaiting; ++i) {
      const auto address = *base::IpAddress::Parse("198.51.100." + std::to_string(i));
      threads_.emplace_back([this, &door, &kept, address] {
        while (!stop_) let_in_ += door.Try(address, kept, kRight).value_or(false) ? 1 : 0;
      });
    }
  }
  void Stop() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  ~Crowd() { Stop(); }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  int let_in() const { return let_in_; }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<int> let_in_ = 0;
  std::vector<std::thread> threads_;
};

TEST_F(PasswordDoor, TurnsAwayAtOnceWhoeverFindsItFullAndCountsThatForNoTry) {
  Crowd crowd(door_, kept_);
  std::uint32_t turned_away = 0;
  for (int round = 0; round < 200 && turned_away < 3 * control::PasswordDoor::kTriesPerAddress; ++round) {
    const auto tried = Try(kRight);  // in time it gives back what it has counted
    if (tried) continue;
    ASSERT_EQ(tried.error().code, base::ErrorCode::kRateLimitExceeded);
    EXPECT_EQ(tried.error().retry_after, control::PasswordDoor::kComeAgain);
    ++turned_away;
  }
  EXPECT_EQ(turned_away, 3 * control::PasswordDoor::kTriesPerAddress);
  crowd.Stop();
  EXPECT_GE(crowd.let_in(), 1);
  EXPECT_TRUE(*Try(kRight));
}

TEST_F(PasswordDoor, IsWorthALineOfTheLogOnceInAWindowForEachAddress) {
  const auto address = *base::IpAddress::Parse("192.0.2.7");
  EXPECT_TRUE(door_.IsWorthALine(address));
  EXPECT_FALSE(door_.IsWorthALine(address));
  EXPECT_TRUE(door_.IsWorthALine(*base::IpAddress::Parse("192.0.2.8")));
  EXPECT_TRUE(*Try(kRight));
  EXPECT_FALSE(door_.IsWorthALine(address)) << "a right one gives back tries alone";
  clock_.Advance(control::PasswordDoor::kWindow);
  EXPECT_TRUE(door_.IsWorthALine(address));
}

}  // namespace
}  // namespace portal::control
