#include "net/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

namespace portal::net {

namespace {

using base::Endpoint;
using base::ErrorCode;
using base::Fail;

constexpr int kBacklog = 1024;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
};

Address AddressOf(const Endpoint& endpoint) {
  Address address;
  if (endpoint.is_v6) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    inet_pton(AF_INET6, endpoint.name.c_str(), &v6.sin6_addr);
    address.size = sizeof v6;
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    inet_pton(AF_INET, endpoint.name.c_str(), &v4.sin_addr);
    address.size = sizeof v4;
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

int GetOption(int fd, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

// Accepted connections inherit it; setting it on the listener saves them a system call each.
bool SendAtOnce(int fd) { return SetOption(fd, IPPROTO_TCP, TCP_NODELAY); }

bool ListenOnTcp(int fd, const Address& address) {
  if (!SetOption(fd, SOL_SOCKET, SO_REUSEADDR) || !SendAtOnce(fd)) return false;
  // So that 0.0.0.0 and [::] can be listed together.
  if (address.storage.ss_family == AF_INET6 && !SetOption(fd, IPPROTO_IPV6, IPV6_V6ONLY)) return false;
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0 &&
         ::listen(fd, kBacklog) == 0;
}

base::UniqueFd OpenSocket(int family) {
  return base::UniqueFd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

bool IsLoopback(const in_addr& address) { return (ntohl(address.s_addr) >> 24) == 127; }

bool IsLoopback(const in6_addr& address) {
  return IN6_IS_ADDR_LOOPBACK(&address) || (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127);
}

/// `unix:/path`; names outside of the file system begin with a NUL, which is written as `@`.
std::string UnixAddress(const Address& address) {
  const auto& name = reinterpret_cast<const sockaddr_un&>(address.storage);
  const std::size_t size = address.size - offsetof(sockaddr_un, sun_path);
  std::string path(name.sun_path, size);
  if (path.starts_with('\0')) {
    path.front() = '@';
  } else {
    path.resize(path.find_last_not_of('\0') + 1);
  }
  return "unix:" + path;
}

/// What is wrong with a socket that was passed to us, or nothing.
std::string Unusable(int fd) {
  if (GetOption(fd, SO_TYPE) < 0) return "is no socket";
  if (GetOption(fd, SO_TYPE) != SOCK_STREAM) return "is no stream socket";
  const int family = GetOption(fd, SO_DOMAIN);
  if (family != AF_INET && family != AF_INET6 && family != AF_UNIX) return "is neither TCP nor Unix";
  if (GetOption(fd, SO_ACCEPTCONN) != 1) return "is not listening";
  return {};
}

}  // namespace

base::Result<Listener> Listener::Bind(std::string_view text, bool have_certificate) {
  const auto endpoint = base::ParseEndpoint(text);
  if (!endpoint || endpoint->kind == Endpoint::Kind::kSystemd) {
    return Fail(ErrorCode::kValidation,
                "'" + std::string(text) + "' is not an address to bind: expected " + std::string(base::kEndpointForms));
  }
  Listener listener;
  listener.secure_ = base::IsSecure(endpoint->scheme, endpoint->kind == Endpoint::Kind::kUnix, have_certificate);
  if (endpoint->kind == Endpoint::Kind::kUnix) {
    listener.fd_ = OpenSocket(AF_UNIX);
    if (!listener.fd_) return Fail(ErrorCode::kUnavailable, Explain(text, errno));
    auto file = UnixSocketFile::Listen(listener.fd(), endpoint->name, kBacklog);
    if (!file) return Fail(std::move(file).error());
    listener.file_ = *std::move(file);
  } else {
    const Address address = AddressOf(*endpoint);
    listener.fd_ = OpenSocket(address.storage.ss_family);
    if (!listener.fd_ || !ListenOnTcp(listener.fd(), address)) {
      return Fail(ErrorCode::kUnavailable, Explain(text, errno));
    }
  }
  listener.ReadBoundAddress();
  return listener;
}

base::Result<Listener> Listener::Adopt(InheritedSocket socket, Endpoint::Scheme scheme, bool have_certificate) {
  const int fd = socket.fd.get();
  if (const std::string why = Unusable(fd); !why.empty()) {
    return Fail(ErrorCode::kUnavailable, "The inherited descriptor " + std::to_string(fd) + " (" + socket.name + ") " +
                                             why + ". Pass listening TCP or Unix sockets: in a .socket unit, " +
                                             "ListenStream= with Accept=no");
  }
  Listener listener;
  listener.fd_ = std::move(socket.fd);
  listener.inherited_ = true;
  listener.ReadBoundAddress();
  listener.secure_ = base::IsSecure(scheme, listener.is_unix_, have_certificate);
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || (!listener.is_unix_ && !SendAtOnce(fd))) {
    return Fail(ErrorCode::kUnavailable, Explain(listener.address_, errno));
  }
  return listener;
}

void Listener::ReadBoundAddress() {
  Address bound;
  if (::getsockname(fd(), reinterpret_cast<sockaddr*>(&bound.storage), &bound.size) != 0) {
    throw std::system_error(errno, std::generic_category(), "getsockname");
  }
  std::array<char, INET6_ADDRSTRLEN> host{};
  switch (bound.storage.ss_family) {
    case AF_UNIX:
      is_unix_ = true;
      is_local_ = true;
      address_ = UnixAddress(bound);
      return;
    case AF_INET6: {
      const auto& v6 = reinterpret_cast<const sockaddr_in6&>(bound.storage);
      inet_ntop(AF_INET6, &v6.sin6_addr, host.data(), host.size());
      port_ = ntohs(v6.sin6_port);
      is_local_ = IsLoopback(v6.sin6_addr);
      address_ = "[" + std::string(host.data()) + "]:" + std::to_string(port_);
      return;
    }
    default: {
      const auto& v4 = reinterpret_cast<const sockaddr_in&>(bound.storage);
      inet_ntop(AF_INET, &v4.sin_addr, host.data(), host.size());
      port_ = ntohs(v4.sin_port);
      is_local_ = IsLoopback(v4.sin_addr);
      address_ = std::string(host.data()) + ":" + std::to_string(port_);
      return;
    }
  }
}

}  // namespace portal::net
