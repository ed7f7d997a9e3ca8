#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/log_entry.h"
#include "cli/log_text.h"
#include "support/temp_folder.h"
#include "unit/cli/memory_console.h"

namespace portal::cli {
namespace {

constexpr std::string_view kRequest =
    R"({"time":"2025-09-02T02:05:23.456Z","level":"info","event":"request","method":"GET","route":"/v1/contacts",)"
    R"("status":200,"ms":1.250,"bytes":512,"client":"client_prod","token":"tok_1","address":"127.0.0.1",)"
    R"("request_id":"r1","trace_id":"t1"})";
constexpr std::string_view kFailed =
    R"({"time":"2025-09-02T02:05:24.000Z","level":"error","event":"request_failed","code":"INTERNAL_ERROR",)"
    R"("detail":"An unexpected error","cause":"bug: \u001b[2J","trace_id":"t2"})";

LogEntry EntryOf(std::string_view line) {
  auto entry = LogEntry::Read(line);
  if (!entry) throw std::runtime_error(std::string(line));
  return *std::move(entry);
}

TEST(LogEntry, IsAFlatObjectThatSaysWhenHowGraveAndWhat) {
  const LogEntry entry = EntryOf(kRequest);
  EXPECT_EQ(entry.Value("event"), "request");
  EXPECT_EQ(entry.Value("ms"), "1.250");
  EXPECT_EQ(entry.Value("trace_id"), "t1");
  EXPECT_EQ(entry.Value("nothing"), "");
  EXPECT_EQ(entry.fields().size(), 13u);
}

TEST(LogEntry, IsNoLineOfSomebodyElse) {
  const std::string_view lines[] = {
      "",
      "portal-appliance: a thread does not end; leaving without it",
      "{",
      "{}",
      "[1]",
      "\"text\"",
      R"({"time":"2025-09-02T02:05:23.456Z","level":"info"})",
      R"({"time":"2025-09-02T02:05:23.456Z","level":"info","event":"a","more":{"b":1}})",
      R"({"time":"2025-09-02T02:05:23.456Z","level":"info","event":"a","more":[1]})",
      R"({"time":"2025-09-02T02:05:23.456Z","level":"info","event":"a","more":null})",
      R"({"time":"2025-09-02T02:05:23.456Z","level":"info","event":"a"} and more)",
      "{\"time\":\"2025-09-02T02:05:23.456Z\",\"level\":\"info\",\"event\":\"\xff\"}",
  };
  for (const std::string_view line : lines) EXPECT_FALSE(LogEntry::Read(line)) << line;
}

TEST(StatusPattern, IsAStatusOrAClassOfThem) {
  const struct {
    std::string_view pattern, status;
    bool matches;
  } cases[] = {{"404", "404", true}, {"404", "403", false}, {"4xx", "404", true}, {"4xx", "500", false},
               {"5xx", "503", true}, {"5xx", "", false},    {"200", "", false}};
  for (const auto& c : cases) {
    const auto pattern = StatusPattern::Parse(c.pattern);
    ASSERT_TRUE(pattern) << c.pattern;
    EXPECT_EQ(pattern->Matches(c.status), c.matches) << c.pattern << " " << c.status;
  }
  for (const std::string_view text : {"", "4", "40", "4x4", "xxx", "0xx", "6xx", "4040", "-40", "4XX"}) {
    EXPECT_FALSE(StatusPattern::Parse(text)) << text;
  }
}

TEST(LogFilter, LetsALinePassForWhichAllOfItHolds) {
  const LogEntry request = EntryOf(kRequest);
  const LogEntry failed = EntryOf(kFailed);
  const struct {
    LogFilter filter;
    bool request, failed;
  } cases[] = {
      {{}, true, true},
      {{.trace_id = "t1", .client = {}, .route = {}, .status = {}, .level = {}}, true, false},
      {{.trace_id = {}, .client = "client_prod", .route = {}, .status = {}, .level = {}}, true, false},
      {{.trace_id = {}, .client = {}, .route = "/v1/contacts", .status = {}, .level = {}}, true, false},
      {{.trace_id = {}, .client = {}, .route = "/v1", .status = {}, .level = {}}, false, false},
      {{.trace_id = {}, .client = {}, .route = {}, .status = StatusPattern::Parse("2xx"), .level = {}}, true, false},
      {{.trace_id = {}, .client = {}, .route = {}, .status = {}, .level = base::LogLevel::kDebug}, true, true},
      {{.trace_id = {}, .client = {}, .route = {}, .status = {}, .level = base::LogLevel::kError}, false, true},
      {{.trace_id = "t1", .client = "other", .route = {}, .status = {}, .level = {}}, false, false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(c.filter.Passes(request), c.request) << &c - cases;
    EXPECT_EQ(c.filter.Passes(failed), c.failed) << &c - cases;
  }
}

TEST(LogText, TellsARequestInOneGo) {
  EXPECT_EQ(PrettyLine(EntryOf(kRequest), false),
            "2025-09-02 02:05:23.456Z info    GET /v1/contacts 200 1.250 ms 512 bytes client=client_prod token=tok_1 "
            "address=127.0.0.1 request_id=r1 trace_id=t1\n");
}

TEST(LogText, LetsNoValueSteerATerminal) {
  EXPECT_EQ(PrettyLine(EntryOf(kFailed), false),
            "2025-09-02 02:05:24.000Z error   request_failed code=INTERNAL_ERROR detail=\"An unexpected error\" "
            "cause=\"bug: \\u001b[2J\" trace_id=t2\n");
  const std::string odd =
      PrettyLine(EntryOf(R"({"time":"\u001b","level":"\u0007","event":"\u009b1m","a\u007f":"\n\u00a0ü"})"), false);
  EXPECT_EQ(odd, "\\u001b \\u0007       \\u009b1m a\\u007f=\\u000a\u00a0ü\n");
}

TEST(LogText, LetsNoLineOfSomebodyElseSteerATerminalEither) {
  const struct {
    std::string_view line, shown;
  } cases[] = {
      {"", ""},
      {"\n", "\n"},
      {"half", "half"},
      {"\tat main.cpp:1\r\n", "\tat main.cpp:1\r\n"},
      {"100 %\r50 %\n", "100 %\\u000d50 %\n"},
      {"\x1b]0;title\x07\x1b[2J\n", "\\u001b]0;title\\u0007\\u001b[2J\n"},
      {"\u009b1m \x7f \u00fc \U0001F600\n", "\\u009b1m \\u007f \u00fc \U0001F600\n"},
      {"\x9b\x31m \xff\xc3\n", "\\x9b1m \\xff\\xc3\n"},
      {{"a\0b\n", 4}, "a\\u0000b\n"},
      {"\n\n", "\\u000a\n"},
  };
  for (const auto& c : cases) EXPECT_EQ(HarmlessLine(c.line), c.shown) << c.line;
}

TEST(LogText, HasColoursOnlyWhereAsked) {
  EXPECT_EQ(PrettyLine(EntryOf(kFailed), false).find('\033'), std::string::npos);
  const std::string coloured = PrettyLine(EntryOf(kFailed), true);
  EXPECT_NE(coloured.find("\033[31merror  \033[0m"), std::string::npos) << coloured;
}

class LogsTest : public ::testing::Test {
 protected:
  std::string Shown(std::string_view log, const LogFilter& filter = {}, Console::Look look = {}) {
    const std::string file = folder_.path() / "log";
    std::ofstream(file, std::ios::binary) << log;
    MemoryFile data, messages;
    Console console(data.file(), messages.file(), look);
    EXPECT_EQ(Logs({file, filter}, console), kExitOk);
    EXPECT_EQ(messages.Text(), "");
    return data.Text();
  }

  testing::TempFolder folder_;
};

TEST_F(LogsTest, PassesLinesOfSomebodyElseOnAsTheyAre) {
  const std::string others = "Traceback:\n\n  {\"a\":1}\n\x1b[1m\xff\n";
  EXPECT_EQ(Shown(others), others);
}

TEST_F(LogsTest, MakesLinesOfSomebodyElseHarmlessOnATerminal) {
  Console::Look look;
  look.data_terminal = true;
  EXPECT_EQ(Shown("\x1b[2Jgone\n" + std::string(kRequest) + "\nhalf\x07", {}, look),
            "\\u001b[2Jgone\n" + PrettyLine(EntryOf(kRequest), false) + "half\\u0007");
}

TEST_F(LogsTest, PassesALineThatIsTooLongOnAsSomebodyElses) {
  const std::string padding(1024 * 1024, 'x');
  std::string ours(kRequest);
  ours.insert(ours.size() - 2, padding);
  const std::string log = padding + padding + padding + "end\n" + ours + "\n" + std::string(kRequest) + "\n" + padding;
  EXPECT_TRUE(Shown(log) ==
              padding + padding + padding + "end\n" + ours + "\n" + PrettyLine(EntryOf(kRequest), false) + padding);
  LogFilter filter;
  filter.trace_id = "t1";
  EXPECT_EQ(Shown(log, filter), PrettyLine(EntryOf(kRequest), false));
}

TEST_F(LogsTest, ShowsALastLineThatHasNoEnd) {
  EXPECT_EQ(Shown(std::string(kRequest)), PrettyLine(EntryOf(kRequest), false));
  EXPECT_EQ(Shown("half"), "half");
}

TEST_F(LogsTest, ShowsOnlyWhatPassesAFilter) {
  const std::string log = std::string(kRequest) + "\nsomebody else\n" + std::string(kFailed) + "\n";
  LogFilter filter;
  filter.level = base::LogLevel::kError;
  EXPECT_EQ(Shown(log, filter), PrettyLine(EntryOf(kFailed), false));
}

TEST_F(LogsTest, ReadsLinesThatAreLongerThanWhatIsReadAtOnce) {
  const std::string line = std::string(200'000, 'x') + "\n";
  EXPECT_EQ(Shown(line + std::string(kRequest) + "\n"), line + PrettyLine(EntryOf(kRequest), false));
}

TEST_F(LogsTest, NamesAFileThatIsNotThere) {
  MemoryFile data, messages;
  Console console(data.file(), messages.file(), {});
  EXPECT_EQ(Logs({(folder_.path() / "none").string(), {}}, console), kExitRejected);
  EXPECT_NE(messages.Text().find("none cannot be read: No such file"), std::string::npos) << messages.Text();
}

}  // namespace
}  // namespace portal::cli
