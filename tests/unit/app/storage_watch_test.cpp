#include "app/storage_watch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

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

  std::optional<StorageReading> Read(const std::optional<StorageReading>& last = {}) {
    return ReadStorage(database_->reader(base::WorkerId{0}), folder_.path(), clock_, last);
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

TEST_F(StorageWatchTest, KeepsWhatAStoreBehindAnOpenBreakerSaidLast) {
  const auto first = Read();
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->last_backup);
  breaker_.Force(resilience::Forced::kOpen);
  clock_.Advance(std::chrono::seconds{5});
  ASSERT_TRUE(service::WriteLastBackup(folder_.path(), {.at = clock_.Wall(), .reason = "no room"}));
  const auto second = Read(first);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->at - first->at, std::chrono::seconds{5});
  EXPECT_EQ(second->blob_bytes, 0);
  ASSERT_TRUE(second->last_backup);
  EXPECT_FALSE(second->last_backup->ok);
  EXPECT_EQ(Read()->blob_bytes, std::nullopt) << "the store has never said";
}

TEST_F(StorageWatchTest, HasNoReadingOfADiskThatDoesNotAnswer) {
  const auto gone = folder_.path() / "gone";
  EXPECT_FALSE(ReadStorage(database_->reader(base::WorkerId{0}), gone, clock_, Read()));
  const StorageWatch watch(*database_, base::WorkerId{0}, gone, clock_);
  EXPECT_FALSE(watch.Latest());
}

}  // namespace
}  // namespace portal::app
