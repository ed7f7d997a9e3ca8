#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "cli/console.h"

namespace portal::cli {

/// What may be typed or read at once.
inline constexpr std::size_t kMostSecretBytes = 4096;

/// Up to its first end of line, without that.
std::string FirstLine(std::string text);

/// Asks on the terminal that is standard input and reads a line that nobody sees. Empty where nothing was typed. A
/// signal that ends or stops the process finds the terminal as it was.
/// REQUIRES: isatty(STDIN_FILENO).
std::string AskUnseen(const std::string& question, Console& console);

/// The same twice, since nobody could use what a slip has set. kValidation where the two differ.
base::Result<std::string> AskUnseenTwice(const std::string& question, Console& console);

}  // namespace portal::cli
