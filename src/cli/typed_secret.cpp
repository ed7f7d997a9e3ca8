#include "cli/typed_secret.h"

#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "cli/held_signals.h"

namespace portal::cli {
namespace {

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

/// What is typed, or nothing where a signal comes first.
std::string ReadUnlessSignalled(const HeldSignals& held) {
  std::array<pollfd, 2> watched = {{{STDIN_FILENO, POLLIN, 0}, {held.fd(), POLLIN, 0}}};
  while (::poll(watched.data(), watched.size(), -1) < 0 && errno == EINTR) continue;
  if (watched[1].revents != 0) return {};
  std::string text(kMostSecretBytes, '\0');
  const ssize_t got = ::read(STDIN_FILENO, text.data(), text.size());
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

}  // namespace

std::string FirstLine(std::string text) {
  text.resize(std::min(text.find('\n'), text.size()));
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

std::string AskUnseen(const std::string& question, Console& console) {
  while (true) {
    HeldSignals held;
    std::string text;
    {
      const Unseen unseen(STDIN_FILENO);  // before anybody is asked: what was typed until then is dropped
      console.Message(question);
      text = ReadUnlessSignalled(held);
    }
    const int signal = held.Release();
    if (signal == 0) return FirstLine(std::move(text));
    ::raise(signal);  // mostly this is the end; whoever has stopped the process and goes on with it is asked again
  }
}

base::Result<std::string> AskUnseenTwice(const std::string& question, Console& console) {
  std::string first = AskUnseen(question, console);
  if (first.empty()) return first;  // whoever asked says what that means
  if (AskUnseen("Once more:", console) != first) {
    return base::Fail(base::ErrorCode::kValidation, "the two are not the same");
  }
  return first;
}

}  // namespace portal::cli
