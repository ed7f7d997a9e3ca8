#include "base/log_line.h"

#include <gtest/gtest.h>

#include <string>

namespace portal::base {
namespace {

using namespace std::chrono_literals;

const WallTime kTime{1'756'778'723'456ms};

TEST(LogLine, IsOneObjectOfWhatItIsGiven) {
  LogLine line;
  EXPECT_EQ(line.Write(kTime, LogLevel::kInfo, "request",
                       {{"route", "/v1/jobs"}, {"status", std::int64_t{200}}, {"ms", 1'234'567ns}, {"client", ""}}),
            R"({"time":"2025-09-02T02:05:23.456Z","level":"info","event":"request",)"
            R"("route":"/v1/jobs","status":200,"ms":1.235,"client":""})"
            "\n");
  EXPECT_EQ(line.Write(kTime, LogLevel::kWarning, "short", {}),
            R"({"time":"2025-09-02T02:05:23.456Z","level":"warning","event":"short"})"
            "\n");
}

TEST(LogLine, WritesDurationsInMilliseconds) {
  const struct {
    std::chrono::nanoseconds duration;
    std::string_view text;
  } cases[] = {{0ns, "0.000"},
               {499ns, "0.000"},
               {501ns, "0.001"},
               {42us, "0.042"},
               {1ms, "1.000"},
               {-1ms, "0.000"},
               {3'600'000'000'100us, "3600000000.100"},
               {999'999'600ns, "1000.000"}};
  LogLine line;
  for (const auto& [duration, text] : cases) {
    const std::string_view written = line.Write(kTime, LogLevel::kInfo, "e", {{"ms", duration}});
    EXPECT_TRUE(written.ends_with("\"ms\":" + std::string(text) + "}\n")) << written;
  }
}

TEST(LogLine, HasRoomForWhateverItIsGiven) {
  LogLine line;
  const std::string controls(10'000, '\x01');  // six bytes each
  std::string escaped;
  for (std::size_t i = 0; i < controls.size(); ++i) escaped += "\\u0001";
  const std::string_view written =
      line.Write(kTime, LogLevel::kError, controls, {{"text", controls}, {"least", INT64_MIN}});
  const std::string wanted = R"(,"event":")" + escaped + R"(","text":")" + escaped +
                             R"(","least":-9223372036854775808})"
                             "\n";
  EXPECT_TRUE(written.ends_with(wanted));
  EXPECT_EQ(line.Write(kTime, LogLevel::kOff, "e", {{"k", "\"\\\xff"}}),
            R"({"time":"2025-09-02T02:05:23.456Z","level":"off","event":"e","k":"\"\\)"
            "\xEF\xBF\xBD\"}\n");
}

}  // namespace
}  // namespace portal::base
