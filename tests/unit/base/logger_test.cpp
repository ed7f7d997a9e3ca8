#include "base/logger.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"
#include "support/full_disk.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

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

std::vector<std::string> LinesOf(const std::filesystem::path& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(Logger, WritesOneEscapedJsonObjectALine) {
  const testing::ManualClock clock;
  Pipe pipe;
  {
    Logger logger(clock, pipe.write.get(), LogLevel::kInfo);
    logger.Info("request",
                {{"route", "/v1/\"x\"\n"}, {"status", std::int64_t{200}}, {"ms", std::chrono::microseconds{1250}}});
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

TEST(Logger, CountsLinesThatTheKernelDoesNotTake) {
  const testing::ManualClock clock;
  auto* const handler = std::signal(SIGPIPE, SIG_IGN);
  Pipe closed;
  closed.read.Reset();
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full);
  for (const int fd : {full.get(), closed.write.get()}) {
    Logger logger(clock, fd, LogLevel::kInfo);
    for (const std::uint64_t lost : {2u, 4u, 6u}) {
      logger.Info("first");
      logger.Info("second");
      logger.Flush(kPatience);
      EXPECT_EQ(logger.dropped(), lost) << "what it has to tell of them is not one of them";
    }
  }
  std::signal(SIGPIPE, handler);
}

TEST(Logger, TellsOfLostLinesOnceThereIsRoomAndGluesNoneToATornOne) {
  const testing::ManualClock clock;
  const testing::TempFolder folder;
  const std::filesystem::path file = folder.path() / "log";
  const UniqueFd log(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  ASSERT_TRUE(log);
  {
    Logger logger(clock, log.get(), LogLevel::kInfo);
    logger.Info("before");
    logger.Flush(kPatience);
    {
      const testing::FullDisk disk(std::filesystem::file_size(file) + 10);
      for (int i = 0; i < 3; ++i) {
        logger.Info("lost");  // the first of them in part
        logger.Flush(kPatience);
      }
      EXPECT_EQ(logger.dropped(), 3u);
    }
    logger.Info("after");
    logger.Flush(kPatience);
    logger.Info("later");
  }
  const std::vector<std::string> lines = LinesOf(file);
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_NE(lines[0].find(R"("event":"before"})"), std::string::npos);
  EXPECT_EQ(lines[1], R"({"time":"2)");
  EXPECT_EQ(lines[2], R"({"time":"2025-09-02T02:05:23.456Z","level":"info","event":"after"})");
  EXPECT_NE(lines[3].find(R"("level":"warning","event":"log_lines_dropped","count":3})"), std::string::npos);
  EXPECT_NE(lines[4].find(R"("event":"later"})"), std::string::npos);
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

TEST(Logger, WritesWhatIsToBeWrittenAlwaysWhateverTheLevel) {
  const testing::ManualClock clock;
  for (const LogLevel level : {LogLevel::kDebug, LogLevel::kError, LogLevel::kOff}) {
    Pipe pipe;
    {
      Logger logger(clock, pipe.write.get(), level);
      logger.Always("changed");
    }
    EXPECT_NE(pipe.ReadAll().find(R"("level":"warning","event":"changed"})"), std::string::npos) << ToText(level);
  }
}

TEST(LogKey, IsNoneThatEveryLineHasAlready) {
  const testing::ManualClock clock;
  Pipe pipe;
  {
    Logger logger(clock, pipe.write.get(), LogLevel::kInfo);
    logger.Info("x");
  }
  const std::string line = pipe.ReadAll();
  std::size_t keys = 0;
  for (const std::string_view key : kFixedLogKeys) {
    EXPECT_NE(line.find('"' + std::string(key) + "\":"), std::string::npos) << key;
    EXPECT_TRUE(IsFixedLogKey(key)) << key;  // and a field of that name does not compile
  }
  for (std::size_t at = 0; (at = line.find("\":", at)) != std::string::npos; ++at) ++keys;
  EXPECT_EQ(keys, kFixedLogKeys.size());
  for (const std::string_view key : {"log_level", "", "times", "events", "Level"})
    EXPECT_FALSE(IsFixedLogKey(key)) << key;
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
