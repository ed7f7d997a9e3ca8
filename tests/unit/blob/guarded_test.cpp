// Blobs behind their circuit breaker.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/hex.h"
#include "blob/blob_store.h"
#include "resilience/circuit_breaker.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace portal::blob {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using resilience::BreakerState;
using resilience::Forced;

class GuardedBlobsTest : public ::testing::Test {
 protected:
  static BlobStore MustOpen(const fs::path& folder, resilience::Guard guard) {
    auto store = BlobStore::Open(folder, BlobStore::Sync::kYes, guard);
    if (!store) throw std::runtime_error(store.error().internal);
    return *std::move(store);
  }

  /// A blob whose place is taken by something that cannot be opened.
  model::ContentHash Unreadable() {
    const auto stored = blobs_.Put("what was here before");
    const std::string digits = base::ToHex(stored->sha256);
    const fs::path file = folder_.path() / digits.substr(0, 2) / digits.substr(2);
    fs::remove(file);
    fs::create_symlink(file, file);
    return stored->sha256;
  }

  testing::TempFolder folder_;
  testing::ManualClock clock_;
  resilience::CircuitBreaker breaker_{"blobs", {}, clock_};
  resilience::CircuitBreaker of_writes_{"blob_writes", {}, clock_};
  BlobStore blobs_ = MustOpen(folder_.path(), resilience::Guard(breaker_, of_writes_));
};

TEST_F(GuardedBlobsTest, AreNotUsedByAnybodyWhileTheirBreakerIsOpen) {
  const auto stored = blobs_.Put("here");
  auto receiving = blobs_.Stage();
  auto received = blobs_.Stage();
  auto staged = std::move(*blobs_.Stage()).Finish();
  breaker_.Force(Forced::kOpen);
  std::array<char, 4> head;
  EXPECT_EQ(blobs_.Open(stored->sha256).error().code, ErrorCode::kCircuitOpen);
  EXPECT_EQ(blobs_.Stage().error().code, ErrorCode::kCircuitOpen);
  EXPECT_EQ(receiving->Append(std::as_bytes(std::span("more", 4))).error().code, ErrorCode::kCircuitOpen);
  EXPECT_EQ(std::move(*received).Finish().error().code, ErrorCode::kCircuitOpen);
  EXPECT_EQ(staged->ReadHead(head).error().code, ErrorCode::kCircuitOpen);
  EXPECT_EQ(blobs_.Publish(*staged).error().code, ErrorCode::kCircuitOpen);
  EXPECT_EQ(blobs_.Remove(stored->sha256).error().code, ErrorCode::kCircuitOpen);
  breaker_.Force(Forced::kClosed);
  EXPECT_TRUE(blobs_.Open(stored->sha256));
  EXPECT_TRUE(blobs_.Publish(*staged));
}

TEST_F(GuardedBlobsTest, AreReadAndRemovedWhileTheBreakerOfTheirWritesIsOpen) {
  const auto stored = blobs_.Put("here");
  auto receiving = blobs_.Stage();
  auto staged = std::move(*blobs_.Stage()).Finish();
  of_writes_.Force(Forced::kOpen);
  EXPECT_EQ(blobs_.Stage().error().code, ErrorCode::kCircuitOpen);
  EXPECT_EQ(receiving->Append(std::as_bytes(std::span("more", 4))).error().code, ErrorCode::kCircuitOpen);
  EXPECT_EQ(blobs_.Publish(*staged).error().code, ErrorCode::kCircuitOpen);
  EXPECT_TRUE(blobs_.Open(stored->sha256));
  EXPECT_TRUE(blobs_.Remove(stored->sha256)) << "makes room";
}

TEST_F(GuardedBlobsTest, OpenTheirBreakerWhenTheyCannotBeOpenedAndCloseItAgain) {
  const model::ContentHash unreadable = Unreadable();
  for (int i = 0; i < 10 && breaker_.State() == BreakerState::kClosed; ++i) {
    EXPECT_EQ(blobs_.Open(unreadable).error().code, ErrorCode::kUnavailable);
  }
  EXPECT_EQ(blobs_.Open(unreadable).error().code, ErrorCode::kCircuitOpen);
  EXPECT_EQ(breaker_.View().last_failure, "open: Too many levels of symbolic links");
  clock_.Advance(std::chrono::seconds{30});
  EXPECT_EQ(blobs_.Open(unreadable).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(breaker_.State(), BreakerState::kOpen);
  clock_.Advance(std::chrono::seconds{30});
  EXPECT_TRUE(blobs_.Put("a sync and a rename that work"));
  EXPECT_TRUE(blobs_.Put("two more"));
  EXPECT_EQ(breaker_.State(), BreakerState::kClosed);
}

TEST_F(GuardedBlobsTest, AreNotHeldToBeBrokenWhereOneIsMissing) {
  for (int i = 0; i < 30; ++i) EXPECT_EQ(blobs_.Open(model::ContentHash{}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(breaker_.View().failure_rate, 0);
}

}  // namespace
}  // namespace portal::blob
