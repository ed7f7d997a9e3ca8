#include "cli/console.h"

#include <unistd.h>

#include <cstdlib>
#include <string>

#include "cli/exit_code.h"

namespace portal::cli {
namespace {

bool IsSet(const char* variable) {
  const char* value = std::getenv(variable);
  return value && *value;
}

bool IsDumb() {
  const char* term = std::getenv("TERM");
  return !term || std::string_view(term) == "dumb";
}

}  // namespace

Console Console::Standard() {
  Look look;
  look.terminal = isatty(STDERR_FILENO) == 1 && !IsDumb();
  look.colour = look.terminal && !IsSet("NO_COLOR");
  look.data_terminal = isatty(STDOUT_FILENO) == 1;
  look.data_colour = look.data_terminal && !IsDumb() && !IsSet("NO_COLOR");
  return {stdout, stderr, look};
}

void Console::Data(std::string_view text) { std::fwrite(text.data(), 1, text.size(), data_); }

void Console::EndProgress() {
  if (!in_progress_) return;
  std::fputs("\r\033[K", messages_);
  in_progress_ = false;
}

void Console::Message(std::string_view line) {
  EndProgress();
  std::fwrite(line.data(), 1, line.size(), messages_);
  std::fputc('\n', messages_);
}

void Console::Error(std::string_view line) {
  Message(std::string(look_.colour ? "\033[31merror:\033[0m " : "error: ").append(line));
}

int Console::Fail(const base::Error& error) {
  Error(error.internal.empty() ? error.detail : error.detail + " (" + error.internal + ")");
  return ExitCodeFor(error.code);
}

void Console::Progress(std::string_view line) {
  if (!look_.terminal) return;
  std::fputs("\r\033[K", messages_);
  std::fwrite(line.data(), 1, line.size(), messages_);
  std::fflush(messages_);
  in_progress_ = true;
}

bool Console::Flush() { return std::fflush(data_) == 0 && std::ferror(data_) == 0; }

}  // namespace portal::cli
