#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/words.h"

namespace portal::cli {

/// What `serve` alone understands; without a command it is what is done, so its words stand for themselves too.
struct ServeWords {
  ServeCommand command;
  std::optional<std::string> random_seed;
  std::optional<std::string> clock;
};

void AddServeWords(Words& place, ServeWords& given);
tl::expected<Command, std::string> MakeServe(const ServeWords& given);

/// One of these flags that was given, for a line that serves nothing; empty: none was.
std::string_view AnyServeFlag(const ServeWords& given);

}  // namespace portal::cli
