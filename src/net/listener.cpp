#include "net/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

namespace portal::net {

namespace {

using base::ErrorCode;
using base::Fail;

constexpr int kBacklog = 1024;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string host;  // as it is written before the port
};

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

base::Result<Address> ParseEndpoint(std::string_view endpoint) {
  const auto malformed = [&] {
    return Fail(ErrorCode::kValidation, "'" + std::string(endpoint) +
                                            "' is not an address to listen on: write a numeric address and a port, as "
                                            "in 127.0.0.1:3000 or [::1]:3000");
  };
  const std::size_t colon = endpoint.rfind(':');
  if (colon == std::string_view::npos) return malformed();
  const auto port = ParsePort(endpoint.substr(colon + 1));
  if (!port) return malformed();

  Address address;
  address.host = endpoint.substr(0, colon);
  if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']') {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(*port);
    address.size = sizeof v6;
    const std::string bare = address.host.substr(1, address.host.size() - 2);
    if (inet_pton(AF_INET6, bare.c_str(), &v6.sin6_addr) != 1) return malformed();
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(*port);
    address.size = sizeof v4;
    if (inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) != 1) return malformed();
  }
  return address;
}

std::string Explain(std::string_view endpoint, int error) {
  std::string text = "Cannot listen on " + std::string(endpoint) + ": ";
  switch (error) {
    case EADDRINUSE:
      return text + "another program already does. Stop it, or choose another address or port";
    case EACCES:
      return text + "ports below 1024 need a privilege. Choose a higher port, or grant CAP_NET_BIND_SERVICE";
    case EADDRNOTAVAIL:
      return text + "this machine has no such address. Choose one of its own, or 0.0.0.0 or [::] for all";
    default:
      return text + std::generic_category().message(error);
  }
}

bool SetOption(int fd, int level, int option) {
  const int on = 1;
  return ::setsockopt(fd, level, option, &on, sizeof on) == 0;
}

bool Prepare(int fd, const Address& address) {
  if (!SetOption(fd, SOL_SOCKET, SO_REUSEADDR)) return false;
  // Accepted connections inherit it; setting it here saves them a system call each.
  if (!SetOption(fd, IPPROTO_TCP, TCP_NODELAY)) return false;
  // So that 0.0.0.0 and [::] can be listed together.
  if (address.storage.ss_family == AF_INET6 && !SetOption(fd, IPPROTO_IPV6, IPV6_V6ONLY)) return false;
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0 &&
         ::listen(fd, kBacklog) == 0;
}

std::uint16_t BoundPort(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "getsockname");
  }
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

}  // namespace

base::Result<Listener> Listener::Bind(std::string_view endpoint) {
  auto address = ParseEndpoint(endpoint);
  if (!address) return Fail(std::move(address).error());
  Listener listener;
  listener.fd_ = base::UniqueFd(::socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener.fd_ || !Prepare(listener.fd(), *address)) {
    return Fail(ErrorCode::kUnavailable, Explain(endpoint, errno));
  }
  listener.port_ = BoundPort(listener.fd());
  listener.address_ = address->host + ":" + std::to_string(listener.port_);
  return listener;
}

}  // namespace portal::net
