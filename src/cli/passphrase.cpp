#include "cli/passphrase.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "app/data_folder.h"
#include "base/unique_fd.h"

namespace portal::cli {
namespace {

using base::ErrorCode;
using base::Fail;

constexpr std::size_t kMostBytes = 4096;
constexpr const char* kVariable = "PORTAL_BACKUP_PASSPHRASE";

std::string FirstLine(std::string text) {
  text.resize(std::min(text.find('\n'), text.size()));
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

base::Result<std::string> ReadFile(const std::filesystem::path& file) {
  const app::CallerScope caller;  // it is the caller's file, not the data folder's owner's
  const base::UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text(kMostBytes, '\0');
  const ssize_t got = fd ? ::read(fd.get(), text.data(), text.size()) : -1;
  if (got < 0) {
    return Fail(ErrorCode::kValidation, "--passphrase-file " + file.string() + ": " + std::strerror(errno));
  }
  text.resize(static_cast<std::size_t>(got));
  text = FirstLine(std::move(text));
  if (text.empty())
    return Fail(ErrorCode::kValidation, "--passphrase-file " + file.string() + ": its first line is empty");
  return text;
}

/// A terminal that does not show what is typed.
class Unseen {
 public:
  explicit Unseen(int fd) : fd_(fd) {
    changed_ = ::tcgetattr(fd, &before_) == 0;
    termios unseen = before_;
    unseen.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = changed_ && ::tcsetattr(fd, TCSAFLUSH, &unseen) == 0;
  }
  ~Unseen() {
    if (changed_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

 private:
  int fd_;
  termios before_{};
  bool changed_ = false;
};

base::Result<std::string> Ask(const std::string& question, Console& console) {
  if (::isatty(STDIN_FILENO) != 1) {
    return Fail(ErrorCode::kValidation,
                std::string("the keys need a passphrase: give --passphrase-file FILE, or set ") + kVariable +
                    ", or run this on a terminal");
  }
  console.Message(question);
  const Unseen unseen(STDIN_FILENO);
  std::string text(kMostBytes, '\0');
  const ssize_t got = ::read(STDIN_FILENO, text.data(), text.size());
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  text = FirstLine(std::move(text));
  if (text.empty()) return Fail(ErrorCode::kValidation, "the passphrase is empty");
  return text;
}

}  // namespace

base::Result<std::string> ReadPassphrase(const std::optional<std::filesystem::path>& file, bool twice,
                                         Console& console) {
  if (file) return ReadFile(*file);
  if (const char* value = std::getenv(kVariable); value && *value) return std::string(value);
  auto passphrase = Ask("Passphrase of the keys:", console);
  if (!passphrase || !twice) return passphrase;
  const auto again = Ask("Once more:", console);
  if (!again) return again;
  if (*again != *passphrase) return Fail(ErrorCode::kValidation, "the two are not the same");
  return passphrase;
}

}  // namespace portal::cli
