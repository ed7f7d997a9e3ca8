#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "base/unique_fd.h"

namespace portal::faults {

/// Clients of one source address: fewer than a server lets one address have, far fewer than it has ports.
inline constexpr std::size_t kClientsPerAddress = 500;

struct SocketOptions {
  bool blocking = true;
  int receive_buffer = 0;  ///< bytes the kernel may hold for the client; 0: its own choice
};

/// A TCP connection to 127.0.0.1:`port`. Client `number` comes from 127.0.1.1 and its neighbours. A non-blocking one
/// may still be on its way, and is to be found writable when it stands. Throws std::system_error.
inline base::UniqueFd Connect(in_port_t port, std::size_t number, const SocketOptions& options = {}) {
  const auto check = [](int result) {
    if (result != 0 && errno != EINPROGRESS) throw std::system_error(errno, std::generic_category(), "connect");
  };
  base::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (options.blocking ? 0 : SOCK_NONBLOCK), 0));
  if (!fd) throw std::system_error(errno, std::generic_category(), "socket");
  const int on = 1;
  check(::setsockopt(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on));
  check(::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  if (options.receive_buffer > 0) {
    check(::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &options.receive_buffer, sizeof options.receive_buffer));
  }
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(0x7f00'0101 + static_cast<in_addr_t>(number / kClientsPerAddress));
  check(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&source), sizeof source));
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(port);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server));
  return fd;
}

/// A keep-alive GET; `token` may be empty.
inline std::string Request(std::string_view target, std::string_view token) {
  std::string text = "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n";
  if (!token.empty()) text += "Authorization: Bearer " + std::string(token) + "\r\n";
  return text + "\r\n";
}

/// How long the answer is that begins `received`, head and body; nothing before its whole head is there. The portal
/// gives every answer a Content-Length, spelled so.
inline std::optional<std::size_t> AnswerSize(std::string_view received) {
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const std::size_t at = received.substr(0, end).find(kLength);
  if (at == std::string_view::npos) throw std::runtime_error("an answer without a length");
  std::size_t body = 0;
  std::from_chars(received.data() + at + kLength.size(), received.data() + end, body);
  return end + 4 + body;
}

/// A number of the command line; throws std::runtime_error that names it.
inline int Number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) {
    throw std::runtime_error("not a number: " + std::string(text));
  }
  return value;
}

}  // namespace portal::faults
