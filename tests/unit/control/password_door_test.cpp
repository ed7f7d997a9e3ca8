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

TEST_F(PasswordDoor, SaysHowLongToWaitWhereManyTryAtOnce) {
  constexpr int kMany = 150;  // for two at once the work of five seconds, and nobody waits for more than two
  std::atomic<int> let_in = 0;
  std::atomic<int> braked = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kMany; ++i) {
    threads.emplace_back([&, i] {
      const auto tried = Try(kRight, "198.51.100." + std::to_string(i));
      if (tried) {
        let_in += *tried ? 1 : 0;
      } else if (tried.error().code == base::ErrorCode::kRateLimitExceeded && tried.error().retry_after.count() >= 1) {
        ++braked;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(let_in + braked, kMany);
  EXPECT_GE(braked, 1);
  EXPECT_GE(let_in, control::PasswordDoor::kAtOnce);
}

}  // namespace
}  // namespace portal::control
