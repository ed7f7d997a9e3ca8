#include "app/service_manager.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace portal::app {
namespace {

// The manager reads at once or is in trouble itself; the portal does not wait for it longer than this.
constexpr timeval kSendPatience{1, 0};

/// The variable's value; empty where it is not set.
std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

auto Wrong(std::string_view variable, std::string_view value, std::string_view expected) {
  return base::Fail(base::ErrorCode::kValidation, "environment " + std::string(variable) + ": \"" + std::string(value) +
                                                      "\" is not " + std::string(expected) +
                                                      ". Let the service manager set it, or unset it");
}

template <typename Number>
std::optional<Number> ParsePositive(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number <= 0) return std::nullopt;
  return number;
}

}  // namespace

base::Result<ServiceManager> ServiceManager::FromEnvironment() {
  ServiceManager manager;
  manager.address_ = Variable("NOTIFY_SOCKET");
  std::string& address = manager.address_;
  if (address.empty()) return manager;
  const bool abstract = address.front() == '@';
  if ((!abstract && address.front() != '/') || address.size() < 2 || address.size() >= sizeof(sockaddr_un::sun_path)) {
    return Wrong("NOTIFY_SOCKET", address, "an absolute path, nor a name that begins with @, of at most 107 bytes");
  }
  if (abstract) address.front() = '\0';
  manager.socket_ = base::UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!manager.socket_) {
    return base::Fail(base::ErrorCode::kUnavailable,
                      std::string("Cannot make a socket to reach the service manager: ") + std::strerror(errno));
  }
  ::setsockopt(manager.socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &kSendPatience, sizeof kSendPatience);

  const std::string interval = Variable("WATCHDOG_USEC");
  const std::string meant_for = Variable("WATCHDOG_PID");
  if (interval.empty()) return manager;
  const auto microseconds = ParsePositive<std::int64_t>(interval);
  if (!microseconds) return Wrong("WATCHDOG_USEC", interval, "a number of microseconds");
  if (!meant_for.empty()) {
    const auto pid = ParsePositive<pid_t>(meant_for);
    if (!pid) return Wrong("WATCHDOG_PID", meant_for, "a process id");
    if (*pid != ::getpid()) return manager;
  }
  manager.watchdog_ = std::chrono::microseconds{*microseconds};
  return manager;
}

void ServiceManager::Reloading(base::MonotonicTime now) const {
  const auto since_boot = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch());
  Send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(since_boot.count()));
}

void ServiceManager::Send(std::string_view message) const {
  if (!socket_) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  address_.copy(to.sun_path, sizeof to.sun_path);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  while (::sendto(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to),
                  size) < 0 &&
         errno == EINTR) {
  }
}

}  // namespace portal::app
