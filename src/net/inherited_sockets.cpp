#include "net/inherited_sockets.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

namespace portal::net {

namespace {

using base::ErrorCode;
using base::Fail;

constexpr int kFirstInherited = 3;           // SD_LISTEN_FDS_START
constexpr int kMostInherited = 1024;         // far more than anybody passes, few enough to look at one by one
constexpr const char* kUnnamed = "unknown";  // what sd_listen_fds_with_names(3) calls them

/// The variable's value, removed from the environment; nullopt where it is not set.
std::optional<std::string> TakeVariable(const char* name) {
  const char* value = std::getenv(name);
  if (!value) return std::nullopt;
  std::string taken = value;
  ::unsetenv(name);
  return taken;
}

std::optional<int> ParseNumber(std::string_view text, int min, int max) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (number < min || number > max) return std::nullopt;
  return number;
}

auto Wrong(std::string_view variable, std::string_view value, std::string_view remedy) {
  return Fail(ErrorCode::kValidation, "environment " + std::string(variable) + ": \"" + std::string(value) + "\" " +
                                          std::string(remedy) + ". Let the service manager set it, or unset it");
}

std::vector<std::string> SplitAtColons(std::string_view text) {
  std::vector<std::string> items;
  while (true) {
    const std::size_t colon = text.find(':');
    items.emplace_back(text.substr(0, colon));
    if (colon == std::string_view::npos) return items;
    text.remove_prefix(colon + 1);
  }
}

}  // namespace

base::Result<std::vector<InheritedSocket>> TakeInheritedSockets() {
  const auto pid = TakeVariable("LISTEN_PID");
  const auto count_text = TakeVariable("LISTEN_FDS");
  const auto names_text = TakeVariable("LISTEN_FDNAMES");
  std::vector<InheritedSocket> sockets;
  if (!pid || !count_text) return sockets;
  const auto meant_for = ParseNumber(*pid, 1, std::numeric_limits<pid_t>::max());
  if (!meant_for) return Wrong("LISTEN_PID", *pid, "is no process id");
  if (*meant_for != ::getpid()) return sockets;  // a parent's own variables, passed on by mistake
  const auto count = ParseNumber(*count_text, 0, kMostInherited);
  if (!count) {
    return Wrong("LISTEN_FDS", *count_text, "is not a number of sockets from 0 to " + std::to_string(kMostInherited));
  }
  auto names = std::vector<std::string>(static_cast<std::size_t>(*count), kUnnamed);
  if (names_text && *count > 0) {
    names = SplitAtColons(*names_text);
    if (names.size() != static_cast<std::size_t>(*count)) {
      return Wrong(
          "LISTEN_FDNAMES", *names_text,
          "does not have one name for each of the " + *count_text + " sockets of LISTEN_FDS, with colons between them");
    }
  }
  for (int i = 0; i < *count; ++i) {
    const int fd = kFirstInherited + i;
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags < 0 || ::fcntl(fd, F_SETFD, flags | FD_CLOEXEC) != 0) {
      return Wrong("LISTEN_FDS", *count_text, "promises descriptor " + std::to_string(fd) + ", which is not open");
    }
    sockets.push_back({base::UniqueFd(fd), names[static_cast<std::size_t>(i)]});
  }
  return sockets;
}

}  // namespace portal::net
