// The database behind its circuit breaker.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/logger.h"
#include "resilience/circuit_breaker.h"
#include "store/database.h"
#include "store/reader.h"
#include "store/writer.h"
#include "support/full_disk.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace portal::store {
namespace {

using base::ErrorCode;
using resilience::BreakerState;
using resilience::Forced;

class GuardedDatabaseTest : public ::testing::Test {
 protected:
  GuardedDatabaseTest() {
    auto opened = Database::Open(
        {.folder = folder_.path(), .durability = Durability::kNone, .guard = resilience::Guard(breaker_, of_writes_)},
        clock_, logger_);
    if (!opened) throw std::runtime_error(opened.error().internal);
    database_ = *std::move(opened);
    EXPECT_TRUE(AddTenant("acme"));
  }

  base::Status AddTenant(const std::string& slug) {
    return database_->writer().Write([&](WriteTransaction& transaction) -> base::Status {
      auto made = transaction.CreateTenant(slug, "Acme", slug + "-files");
      if (!made) return base::Fail(std::move(made).error());
      return {};
    });
  }
  Reader& reader() { return database_->reader(base::WorkerId{0}); }

  /// Everything that may be asked of a database.
  std::vector<std::pair<std::string, std::function<ErrorCode()>>> Uses() {
    const auto code = [](const auto& result) { return result ? ErrorCode::kInternal : result.error().code; };
    return {
        {"a snapshot", [=, this] { return code(reader().Begin(false)); }},
        {"a look-up", [=, this] { return code(reader().tenants.FindBySlug("acme")); }},
        {"the version", [=, this] { return code(reader().DataVersion()); }},
        {"a write", [=, this] { return code(AddTenant("globex")); }},
        {"the log", [=, this] { return code(database_->EmptyLog()); }},
        {"a scrub", [=, this] { return code(database_->ScrubPages(1)); }},
        {"the probe", [=, this] { return code(database_->Probe()); }},
    };
  }

  testing::TempFolder folder_;
  testing::ManualClock clock_;
  base::Logger logger_{clock_, 2, base::LogLevel::kError};
  resilience::CircuitBreaker breaker_{"database", {}, clock_};
  resilience::CircuitBreaker of_writes_{"database_writes", {}, clock_};
  std::unique_ptr<Database> database_;
};

TEST_F(GuardedDatabaseTest, IsNotUsedByAnybodyWhileItsBreakerIsOpen) {
  breaker_.Force(Forced::kOpen);
  for (const auto& [what, use] : Uses()) EXPECT_EQ(use(), ErrorCode::kCircuitOpen) << what;
  breaker_.Force(Forced::kClosed);
  for (const auto& [what, use] : Uses()) EXPECT_NE(use(), ErrorCode::kCircuitOpen) << what;
}

TEST_F(GuardedDatabaseTest, IsReadWhileTheBreakerOfItsWritesIsOpen) {
  of_writes_.Force(Forced::kOpen);
  const std::set<std::string> writes{"a write", "the log", "a scrub"};
  for (const auto& [what, use] : Uses()) EXPECT_EQ(use() == ErrorCode::kCircuitOpen, writes.contains(what)) << what;
}

TEST_F(GuardedDatabaseTest, RefusesWritesAloneWhenItsDiskIsFullAndTakesThemWhenThereIsRoom) {
  {
    const testing::FullDisk full(1);
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(of_writes_.State(), BreakerState::kClosed) << i;
      // Each write is preceded by look-ups that work: they do not hide that it fails.
      for (int look_ups = 0; look_ups < 5; ++look_ups) EXPECT_TRUE(reader().tenants.FindBySlug("acme"));
      const base::Status written = AddTenant("globex");
      if (of_writes_.State() == BreakerState::kOpen) break;
      ASSERT_FALSE(written);
      EXPECT_EQ(written.error().code, ErrorCode::kStorageFull) << written.error().internal;
    }
    EXPECT_EQ(of_writes_.State(), BreakerState::kOpen);
    EXPECT_EQ(AddTenant("globex").error().code, ErrorCode::kCircuitOpen);
    EXPECT_TRUE(reader().Begin(false));
  }
  clock_.Advance(std::chrono::seconds{30});
  for (const std::string slug : {"one", "two", "three"}) EXPECT_TRUE(AddTenant(slug));
  EXPECT_EQ(of_writes_.State(), BreakerState::kClosed);
  EXPECT_EQ(breaker_.View().last_failure, "");
}

TEST_F(GuardedDatabaseTest, HoldsNothingAgainstItsBreakerThatIsNotTheDisks) {
  const auto write = [&](base::Error error) {
    return database_->writer().Write([&](WriteTransaction&) -> base::Status { return base::Fail(error); });
  };
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(AddTenant("acme").error().code, ErrorCode::kConflict);
    EXPECT_EQ(AddTenant("No slug").error().code, ErrorCode::kValidation);
    EXPECT_EQ(reader().tenants.FindBySlug("nobody").error().code, ErrorCode::kNotFound);
    EXPECT_FALSE(write({ErrorCode::kStorageFull, "more than the tenant's quota", {}, {}}));
    EXPECT_FALSE(write({ErrorCode::kUnavailable, "the blobs'", {}, {}, "sync: Input/output error"}));
  }
  const resilience::BreakerView view = breaker_.View();
  EXPECT_EQ(view.state, BreakerState::kClosed);
  EXPECT_EQ(view.failure_rate, 0);
  EXPECT_EQ(view.last_failure, "");
}

TEST_F(GuardedDatabaseTest, LetsASnapshotThatHasBegunGoOn) {
  auto snapshot = reader().Begin(false);
  ASSERT_TRUE(snapshot);
  breaker_.Force(Forced::kOpen);
  EXPECT_TRUE(reader().tenants.FindBySlug("acme"));
}

TEST_F(GuardedDatabaseTest, LetsThoseInWhoComeToCloseIt) {
  breaker_.Force(Forced::kOpen);
  {
    const Reader::PastBreaker past(reader());
    EXPECT_TRUE(reader().tenants.FindBySlug("acme"));
    EXPECT_TRUE(reader().DataVersion());
    EXPECT_TRUE(reader().Begin(false));
  }
  EXPECT_EQ(reader().tenants.FindBySlug("acme").error().code, ErrorCode::kCircuitOpen);
}

}  // namespace
}  // namespace portal::store
