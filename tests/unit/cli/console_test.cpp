#include "cli/console.h"

#include <gtest/gtest.h>

#include <string>

#include "cli/exit_code.h"
#include "cli/json_object.h"
#include "cli/text_table.h"
#include "unit/cli/memory_console.h"

namespace portal::cli {
namespace {

TEST(Console, KeepsDataAndMessagesApart) {
  MemoryFile data, messages;
  Console console(data.file(), messages.file(), {});
  console.Data("row\n");
  console.Message("done");
  console.Error("broken");
  console.Progress("[##..]");
  EXPECT_TRUE(console.Flush());
  EXPECT_EQ(data.Text(), "row\n");
  EXPECT_EQ(messages.Text(), "done\nerror: broken\n");
}

TEST(Console, ColoursAndRewritesLinesOnlyWhereAsked) {
  MemoryFile data, messages;
  Console console(data.file(), messages.file(), {.terminal = true, .colour = true});
  console.Progress("half");
  console.Error("broken");
  EXPECT_EQ(messages.Text(), "\r\033[Khalf\r\033[K\033[31merror:\033[0m broken\n");
}

TEST(Console, TellsWhenDataCannotBeWritten) {
  std::FILE* full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  MemoryFile messages;
  Console console(full, messages.file(), {});
  console.Data("row\n");
  EXPECT_FALSE(console.Flush());
  std::fclose(full);
}

TEST(Console, FailuresShowBothFacesAndChooseTheExitCode) {
  struct Case {
    base::ErrorCode code;
    int exit_code;
  };
  for (const Case& c :
       {Case{base::ErrorCode::kNotFound, kExitRejected}, Case{base::ErrorCode::kConflict, kExitRejected},
        Case{base::ErrorCode::kValidation, kExitRejected}, Case{base::ErrorCode::kUnavailable, kExitDatabase},
        Case{base::ErrorCode::kStorageFull, kExitDatabase}, Case{base::ErrorCode::kInternal, kExitFailure}}) {
    MemoryFile data, messages;
    Console console(data.file(), messages.file(), {});
    EXPECT_EQ(console.Fail({c.code, "what", "why", {}}), c.exit_code);
    EXPECT_EQ(messages.Text(), "error: what (why)\n");
  }
}

TEST(JsonObject, EscapesAndKeepsTheOrderOfItsMembers) {
  JsonObject json;
  json.Text("b", "say \"hi\"\n").Number("a", -3).Boolean("c", true).Time("d", std::nullopt);
  JsonArray array;
  array.Add(json.Done());
  array.Add("1");
  EXPECT_EQ(array.Line(), "[{\"b\":\"say \\\"hi\\\"\\n\",\"a\":-3,\"c\":true,\"d\":null},1]\n");
  EXPECT_EQ(JsonArray().Line(), "[]\n");
  EXPECT_EQ(JsonObject().Line(), "{}\n");
}

TEST(TextTable, AlignsByCharactersNotBytes) {
  EXPECT_EQ(TextTable({{"NAME", "STATE"}, {"Zoë", "active"}, {"Al", "x"}}), "NAME  STATE\nZoë   active\nAl    x\n");
}

}  // namespace
}  // namespace portal::cli
