#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/input_file.h"
#include "cli/log_entry.h"
#include "cli/log_text.h"

namespace portal::cli {
namespace {

/// What is shown of one line, which has its end unless it is the last; somebody else's as it is, or not at all where
/// one looks for some.
void Show(std::string_view line, const LogFilter& filter, Console& console) {
  if (const auto entry = LogEntry::Read(line)) {
    if (filter.Passes(*entry)) console.Data(PrettyLine(*entry, console.data_colour()));
  } else if (filter.empty()) {
    console.Data(line);
  }
}

/// Shows the whole lines in `text` and leaves the rest.
void ShowLines(std::string& text, const LogFilter& filter, Console& console) {
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    Show(std::string_view(text).substr(begin, end + 1 - begin), filter, console);
  }
  text.erase(0, begin);
}

}  // namespace

int Logs(const LogsCommand& command, Console& console) {
  const auto input = OpenInput(command.file);
  if (!input) return console.Fail(input.error());
  std::string text;
  std::array<char, 64 * 1024> piece;
  while (true) {
    const ssize_t got = ::read(input->fd.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return console.Fail(
          {base::ErrorCode::kUnavailable, NameOfInput(command.file) + " cannot be read", std::strerror(errno), {}});
    }
    if (got == 0) break;
    const std::size_t seen = text.size();
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.find('\n', seen) == std::string::npos) continue;
    ShowLines(text, command.filter, console);
    // At once, for whoever follows a log; and nobody waits for lines after `| head`.
    if (!console.Flush()) return kExitOk;
  }
  if (!text.empty()) Show(text, command.filter, console);
  return kExitOk;
}

}  // namespace portal::cli
