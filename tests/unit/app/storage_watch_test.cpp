#include "app/storage_watch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "base/logger.h"
#include "resilience/circuit_breaker.h"
#include "store/writer.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace portal::app {
namespace {

class StorageWatchTest : public ::testing::Test {
 protected:
  StorageWatchTest() {
    auto opened = store::Database::Open({.folder = folder_.path(),
                                         .durability = store::Durability::kNone,
                                         .guard = resilience::Guard(breaker_, of_writes_)},
                                        clock_, logger_);
    if (!opened) throw std::runtime_error(opened.error().detail);
    database_ = *std::move(opened);
  }

  /// The next reading that is as it is wished; the watch reads once a second.
  static std::optional<StorageReading> Await(const StorageWatch& watch,
                                             const std::function<bool(const StorageReading&)>& is_it) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (std::chrono::steady_clock::now() < give_up) {
      const auto reading = watch.Latest();
      if (reading && is_it(*reading)) return reading;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return std::nullopt;
  }

  testing::TempFolder folder_;
  testing::ManualClock clock_;
  base::Logger logger_{clock_, 2, base::LogLevel::kError};
  resilience::CircuitBreaker breaker_{"database", {}, clock_};
  resilience::CircuitBreaker of_writes_{"database_writes", {}, clock_};
  std::unique_ptr<store::Database> database_;
};

TEST_F(StorageWatchTest, KnowsEverythingFromTheStart) {
  ASSERT_TRUE(service::WriteLastBackup(folder_.path(), {.at = clock_.Wall(), .ok = true}));
  const StorageWatch watch(*database_, base::WorkerId{0}, folder_.path(), clock_);
  const auto reading = watch.Latest();
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->at, clock_.Wall());
  EXPECT_EQ(reading->database_bytes, std::filesystem::file_size(folder_.path() / "portal.db"));
  EXPECT_EQ(reading->disk_bytes, std::filesystem::space(folder_.path()).capacity);
  EXPECT_GT(reading->free_bytes, 0u);
  EXPECT_EQ(reading->blob_bytes, 0);
  ASSERT_TRUE(reading->last_backup);
  EXPECT_TRUE(reading->last_backup->ok);
}

TEST_F(StorageWatchTest, ReadsAgainAndKeepsWhatAStoreBehindAnOpenBreakerSaidLast) {
  const StorageWatch watch(*database_, base::WorkerId{0}, folder_.path(), clock_);
  breaker_.Force(resilience::Forced::kOpen);
  clock_.Advance(std::chrono::seconds{5});
  ASSERT_TRUE(service::WriteLastBackup(folder_.path(), {.at = clock_.Wall(), .reason = "no room"}));
  const auto now = clock_.Wall();
  const auto reading = Await(watch, [&](const StorageReading& r) { return r.at == now && r.last_backup; });
  ASSERT_TRUE(reading);
  EXPECT_FALSE(reading->last_backup->ok);
  EXPECT_EQ(reading->blob_bytes, 0);
}

TEST_F(StorageWatchTest, SaysWhenTheDiskLastAnswered) {
  const std::filesystem::path elsewhere = folder_.path() / "elsewhere";
  std::filesystem::create_directory(elsewhere);
  const StorageWatch watch(*database_, base::WorkerId{0}, elsewhere, clock_);
  const auto then = clock_.Wall();
  std::filesystem::remove(elsewhere);  // from here on nothing answers there
  const auto second = std::chrono::steady_clock::now() + std::chrono::milliseconds{1500};
  clock_.Advance(std::chrono::seconds{5});
  while (std::chrono::steady_clock::now() < second) {
    ASSERT_TRUE(watch.Latest());
    EXPECT_EQ(watch.Latest()->at, then);
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
}

}  // namespace
}  // namespace portal::app
