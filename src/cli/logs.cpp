#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/input_file.h"
#include "cli/log_entry.h"
#include "cli/log_text.h"

namespace portal::cli {
namespace {

/// Many times as long as a line that a portal writes.
constexpr std::size_t kMaxLine = 1024 * 1024;

/// A log as it comes in. What is longer than kMaxLine is passed on in pieces as somebody else's line, so that no log
/// takes more memory than that. Borrows what it is made of.
class LogView {
 public:
  LogView(const LogFilter& filter, Console& console) : filter_(filter), console_(console) {}

  void Take(std::string_view text) {
    for (std::size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
      Add(text.substr(0, end + 1));
      EndLine();
    }
    Add(text);
  }

  /// Shows a line that has no end yet; nothing where there is none.
  void EndLine() {
    if (!line_.empty()) Show();
    line_.clear();
    too_long_ = false;
  }

 private:
  void Add(std::string_view text) {
    if (!too_long_ && line_.size() + text.size() > kMaxLine) {
      too_long_ = true;
      PassOn(line_);
      line_.clear();
    }
    if (too_long_) {
      PassOn(text);
    } else {
      line_ += text;
    }
  }

  void Show() {
    if (const auto entry = LogEntry::Read(line_)) {
      if (filter_.Passes(*entry)) console_.Data(PrettyLine(*entry, console_.data_colour()));
    } else {
      PassOn(line_);
    }
  }

  /// Somebody else's: as it is, harmless where it could steer a terminal, and not at all where one looks for some.
  void PassOn(std::string_view text) {
    if (!filter_.empty()) return;
    if (console_.data_terminal()) {
      console_.Data(HarmlessLine(text));
    } else {
      console_.Data(text);
    }
  }

  const LogFilter& filter_;
  Console& console_;
  std::string line_;
  bool too_long_ = false;
};

}  // namespace

int Logs(const LogsCommand& command, Console& console) {
  const auto input = OpenInput(command.file);
  if (!input) return console.Fail(input.error());
  LogView view(command.filter, console);
  std::array<char, 64 * 1024> piece;
  while (true) {
    const ssize_t got = ::read(input->fd.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return console.Fail(
          {base::ErrorCode::kUnavailable, NameOfInput(command.file) + " cannot be read", std::strerror(errno), {}});
    }
    if (got == 0) break;
    view.Take({piece.data(), static_cast<std::size_t>(got)});
    // At once, for whoever follows a log; and nobody waits for lines after `| head`.
    if (!console.Flush()) return kExitOk;
  }
  view.EndLine();
  return kExitOk;
}

}  // namespace portal::cli
