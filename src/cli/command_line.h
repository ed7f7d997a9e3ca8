#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/commands.h"
#include "config/raw_value.h"

namespace portal::cli {

/// What was asked for, understood as far as the words themselves go.
struct CommandLine {
  Command command;
  std::vector<config::Setting> settings;  ///< configuration keys given as flags
  std::optional<std::string> config_file;
};

/// The line asks for help, or is wrong: what to print instead of doing anything.
struct Reply {
  int exit_code = 0;
  std::string text;  ///< help for stdout where exit_code is 0, else a line for stderr
};

/// Never prints and never exits.
std::variant<CommandLine, Reply> ParseCommandLine(int argc, const char* const* argv);

}  // namespace portal::cli
