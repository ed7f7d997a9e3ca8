#include "service/breakers.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/unique_fd.h"
#include "support/manual_clock.h"

namespace portal::service {
namespace {

using resilience::BreakerState;

class BreakersTest : public ::testing::Test {
 protected:
  testing::ManualClock clock_;
  base::Logger logger_{clock_, 2, base::LogLevel::kOff};
  Breakers breakers_{config::Config::Breakers{}, clock_, logger_};
};

TEST_F(BreakersTest, AreFoundByName) {
  EXPECT_EQ(breakers_.Find("database"), &breakers_.database());
  EXPECT_EQ(breakers_.Find("database_writes"), &breakers_.database_writes());
  EXPECT_EQ(breakers_.Find("blobs"), &breakers_.blobs());
  EXPECT_EQ(breakers_.Find("blob_writes"), &breakers_.blob_writes());
  EXPECT_EQ(breakers_.Find("Database"), nullptr);
}

TEST_F(BreakersTest, HearOfBlobsThatCannotBeReadOnTheirWay) {
  for (int i = 0; i < 30; ++i) breakers_.blob_reads().ReadFailed(EMFILE);
  EXPECT_EQ(breakers_.blobs().State(), BreakerState::kClosed) << "the process's own want";
  for (int i = 0; i < 10; ++i) breakers_.blob_reads().ReadFailed(EIO);
  EXPECT_EQ(breakers_.blobs().State(), BreakerState::kOpen);
  EXPECT_EQ(breakers_.blobs().View().last_failure, "read: Input/output error");
  EXPECT_EQ(breakers_.database().State(), BreakerState::kClosed);
}

TEST_F(BreakersTest, LogEachTransition) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const base::UniqueFd read(ends[0]);
  base::UniqueFd write(ends[1]);
  {
    base::Logger logger(clock_, write.get(), base::LogLevel::kInfo);
    Breakers logged(config::Config::Breakers{}, clock_, logger);
    logged.blobs().Force(resilience::Forced::kOpen);
  }
  write.Reset();
  std::string text(4096, '\0');
  text.resize(static_cast<std::size_t>(::read(read.get(), text.data(), text.size())));
  EXPECT_EQ(text,
            R"({"time":"2025-09-02T02:05:23.456Z","level":"error","event":"breaker_transition","breaker":"blobs",)"
            R"("from":"CLOSED","to":"OPEN","reason":"forced open by an operator"})"
            "\n");
}

}  // namespace
}  // namespace portal::service
