#pragma once

#include <string>
#include <vector>

namespace portal::cli {

/// A flag, or an argument by place, as the command line's parser knows it.
struct WordDescription {
  std::vector<std::string> names;    ///< `-o`, `--output`; of an argument by place, its one name: `FILE`
  std::string help;                  ///< what --help says of it
  std::string placeholder;           ///< of its value: `FILE`, `DURATION`, `TEXT`; empty: it takes none
  std::vector<std::string> choices;  ///< the only values it takes; empty: any
  bool repeats = false;              ///< takes more than one value
};

/// What may be said at one place of the command line.
struct CommandDescription {
  std::string name;
  std::string help;
  std::vector<WordDescription> flags;
  std::vector<WordDescription> arguments;
  std::vector<CommandDescription> commands;
};

/// The whole command line, read off its parser: the root's flags, which every command takes too, include the
/// configuration keys'.
CommandDescription DescribeCommandLine();

}  // namespace portal::cli
