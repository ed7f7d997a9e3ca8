#include "base/logger.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "support/manual_clock.h"

namespace portal::base {
namespace {

struct Pipe {
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    read = UniqueFd(ends[0]);
    write = UniqueFd(ends[1]);
  }
  std::string ReadAll() {
    write.Reset();
    std::string text;
    char buffer[4096];
    for (ssize_t n; (n = ::read(read.get(), buffer, sizeof(buffer))) > 0;)
      text.append(buffer, static_cast<std::size_t>(n));
    return text;
  }
  /// Until nothing fits any more, as when its reader was stopped long ago.
  void Fill() {
    ::fcntl(write.get(), F_SETFL, O_NONBLOCK);
    const std::string some(4096, ' ');
    while (::write(write.get(), some.data(), some.size()) > 0) continue;
  }
  UniqueFd read;
  UniqueFd write;
};

constexpr std::chrono::seconds kPatience{20};

TEST(Logger, WritesOneEscapedJsonObjectALine) {
  const testing::ManualClock clock;
  Pipe pipe;
  {
    Logger logger(clock, pipe.write.get(), LogLevel::kInfo);
    logger.Info("request", {{"route", "/v1/\"x\"\n"}, {"status", std::int64_t{200}}, {"ms", std::chrono::microseconds{1250}}});
    logger.Log(LogLevel::kDebug, "unseen");
  }
  EXPECT_EQ(pipe.ReadAll(),
            "{\"time\":\"2025-09-02T02:05:23.456Z\",\"level\":\"info\",\"event\":\"request\","
            "\"route\":\"/v1/\\\"x\\\"\\n\",\"status\":200,\"ms\":1.250}\n");
}

TEST(Logger, DropsAndCountsWhatDoesNotFitAndNeverBlocksTheCaller) {
  const testing::ManualClock clock;
  Pipe pipe;
  ASSERT_GE(::fcntl(pipe.write.get(), F_SETPIPE_SZ, 4096), 4096);
  std::string text;
  {
    Logger logger(clock, pipe.write.get(), LogLevel::kInfo, 8192);
    const std::string long_text(1000, 'x');
    for (int i = 0; i < 100; ++i) logger.Info("line", {{"text", long_text}});  // nobody reads meanwhile
    char buffer[4096];
    while (text.find("log_lines_dropped") == std::string::npos) {
      logger.Info("after");
      const ssize_t n = ::read(pipe.read.get(), buffer, sizeof(buffer));
      ASSERT_GT(n, 0);
      text.append(buffer, static_cast<std::size_t>(n));
    }
  }
  EXPECT_NE(text.find(R"("event":"log_lines_dropped","count":)"), std::string::npos);
}

TEST(Logger, KeepsRoomForAnErrorAmongAFloodOfOtherLines) {
  const testing::ManualClock clock;
  Pipe pipe;
  pipe.Fill();
  std::string text;
  {
    Logger logger(clock, pipe.write.get(), LogLevel::kInfo, 8192);
    while (logger.dropped() == 0) logger.Info("flood");
    const std::uint64_t dropped = logger.dropped();
    logger.Error("the_reason");
    EXPECT_EQ(logger.dropped(), dropped);
    char buffer[4096];
    while (text.find("log_lines_dropped") == std::string::npos) {
      const ssize_t n = ::read(pipe.read.get(), buffer, sizeof(buffer));
      ASSERT_GT(n, 0);
      text.append(buffer, static_cast<std::size_t>(n));
    }
  }
  EXPECT_NE(text.find(R"("event":"the_reason")"), std::string::npos);
}

TEST(Logger, HasWrittenWhatWasLoggedBeforeAFlush) {
  const testing::ManualClock clock;
  Pipe pipe;
  Logger logger(clock, pipe.write.get(), LogLevel::kInfo);
  logger.Error("first");
  logger.Error("last");
  logger.Flush(kPatience);
  char buffer[4096];
  const std::string text(buffer, static_cast<std::size_t>(::read(pipe.read.get(), buffer, sizeof(buffer))));
  EXPECT_NE(text.find(R"("event":"first")"), std::string::npos);
  EXPECT_NE(text.find(R"("event":"last")"), std::string::npos);
}

TEST(Logger, GivesAFlushUpWhereNobodyReads) {
  const testing::ManualClock clock;
  Pipe pipe;
  pipe.Fill();
  Logger logger(clock, pipe.write.get(), LogLevel::kInfo);
  logger.Error("unseen");
  const auto start = std::chrono::steady_clock::now();
  logger.Flush(std::chrono::milliseconds{20});
  EXPECT_LT(std::chrono::steady_clock::now() - start, kPatience);
  std::array<char, 64 * 1024> all;
  EXPECT_GT(::read(pipe.read.get(), all.data(), all.size()), 0);  // so that the end waits for nobody either
}

TEST(Logger, ChangesItsLevelAtRunTime) {
  const testing::ManualClock clock;
  Pipe pipe;
  {
    Logger logger(clock, pipe.write.get(), LogLevel::kError);
    logger.Info("before");
    logger.SetLevel(LogLevel::kDebug);
    EXPECT_EQ(logger.level(), LogLevel::kDebug);
    logger.Log(LogLevel::kDebug, "between");
    logger.SetLevel(LogLevel::kOff);
    logger.Error("after");
  }
  const std::string text = pipe.ReadAll();
  EXPECT_EQ(text.find("before"), std::string::npos);
  EXPECT_NE(text.find("between"), std::string::npos);
  EXPECT_EQ(text.find("after"), std::string::npos);
}

TEST(LogLevel, IsKnownByItsNameAlone) {
  for (const std::string_view name : kLogLevelNames) {
    const auto level = ParseLogLevel(name);
    ASSERT_TRUE(level) << name;
    EXPECT_EQ(ToText(*level), name);
  }
  for (const std::string_view name : {"", "Info", "warn", "info ", "trace"}) EXPECT_FALSE(ParseLogLevel(name)) << name;
}

}  // namespace
}  // namespace portal::base
