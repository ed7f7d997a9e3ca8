#include "base/logger.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

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
  UniqueFd read;
  UniqueFd write;
};

TEST(Logger, WritesOneEscapedJsonObjectALine) {
  const testing::ManualClock clock;
  Pipe pipe;
  {
    Logger logger(clock, pipe.write.get(), LogLevel::kInfo);
    logger.Info("request", {{"route", "/v1/\"x\"\n"}, {"status", std::int64_t{200}}, {"ms", 1.25}});
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

}  // namespace
}  // namespace portal::base
