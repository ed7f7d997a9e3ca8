#pragma once

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "crypto/sodium.h"
#include "support/temp_folder.h"
#include "unit/cli/memory_console.h"

namespace portal::cli {

/// What a command printed and returned.
struct Outcome {
  int exit_code;
  std::string data;
  std::string messages;
};

/// Runs command lines against a data folder of its own, as `main` would.
class CommandTest : public ::testing::Test {
 protected:
  CommandTest() {
    crypto::Initialize();
    config_.data_dir = temp_.path() / "data";
  }

  Outcome Run(std::vector<std::string> words) {
    words.insert(words.begin(), "portal-appliance");
    std::vector<const char*> arguments;
    for (const std::string& word : words) arguments.push_back(word.c_str());
    const auto parsed = ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
    if (const auto* reply = std::get_if<Reply>(&parsed)) return {reply->exit_code, {}, reply->text};
    MemoryFile data, messages;
    Console console(data.file(), messages.file(), {});
    const int exit_code = Dispatch(std::get<CommandLine>(parsed).command, console);
    return {exit_code, data.Text(), messages.Text()};
  }
  /// Runs what must succeed and gives its data.
  std::string Data(const std::vector<std::string>& words) {
    const Outcome outcome = Run(words);
    EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.messages;
    return outcome.data;
  }

  const testing::TempFolder temp_;
  config::Config config_;

 private:
  /// -1: none of those that are tested here.
  int Dispatch(const Command& command, Console& console) {
    if (const auto* tenant = std::get_if<TenantCommand>(&command)) return Tenant(*tenant, config_, console);
    if (const auto* client = std::get_if<ClientCommand>(&command)) return Client(*client, config_, console);
    if (const auto* token = std::get_if<TokenCommand>(&command)) return Token(*token, config_, console);
    if (const auto* keys = std::get_if<KeysCommand>(&command)) return Keys(*keys, config_, console);
    if (const auto* import = std::get_if<ImportCommand>(&command)) return Import(*import, config_, console);
    if (const auto* put = std::get_if<FilePutCommand>(&command)) return FilePut(*put, config_, console);
    if (const auto* version = std::get_if<VersionCommand>(&command)) return Version(*version, console);
    return -1;
  }
};

}  // namespace portal::cli
