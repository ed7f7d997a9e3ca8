#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "base/ascii.h"
#include "base/unique_fd.h"

namespace portal::bench {

[[noreturn]] inline void FailWithErrno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// A connection to a server on 127.0.0.1, without delays of its own.
inline base::UniqueFd ConnectTo(in_port_t port) {
  base::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(port);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) FailWithErrno("connect");
  return fd;
}

/// Sends all of `bytes`, and waits where the socket is full of them.
inline void SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) FailWithErrno("send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// One answer as it comes in. Its body's length is told by Content-Length.
class Answer {
 public:
  void Clear() {
    bytes_.clear();
    received_ = 0;
    head_size_ = 0;
    whole_ = std::string::npos;
  }
  void Append(std::string_view bytes) {
    received_ += bytes.size();
    if (head_size_ > 0) return;
    bytes_.append(bytes);
    const std::size_t end = bytes_.find("\r\n\r\n");
    if (end == std::string::npos) return;
    head_size_ = end + 4;
    const std::string_view length = Field("content-length");
    const bool has_body = !length.empty() && status() != 304;  // which tells the length it would have had
    whole_ = head_size_ + (has_body ? std::stoul(std::string(length)) : 0);
  }
  bool IsWhole() const { return received_ >= whole_; }
  /// What is still to come of the body, which is counted and not kept; 0 while the head is not there.
  std::size_t Awaited() const { return head_size_ > 0 ? whole_ - received_ : 0; }
  void Count(std::size_t bytes) { received_ += bytes; }

  /// REQUIRES: the head is there.
  int status() const { return std::stoi(bytes_.substr(bytes_.find(' '), 4)); }
  std::string StatusLine() const { return bytes_.substr(0, bytes_.find('\r')); }
  /// Of the head, by its name in lower case; empty where there is none. REQUIRES: the head is there.
  std::string_view Field(std::string_view name) const {
    std::string_view lines = std::string_view(bytes_).substr(0, head_size_);
    while (true) {
      const std::size_t end = lines.find("\r\n");
      if (end == std::string_view::npos || end == 0) return {};
      lines.remove_prefix(end + 2);
      const std::string_view line = lines.substr(0, lines.find("\r\n"));
      if (line.size() <= name.size() || line[name.size()] != ':') continue;
      if (!base::EqualsIgnoreCase(line.substr(0, name.size()), name)) continue;
      const std::size_t value = line.find_first_not_of(' ', name.size() + 1);
      return value == std::string_view::npos ? std::string_view() : line.substr(value);
    }
  }

 private:
  std::string bytes_;  // the head, and what came with it
  std::size_t received_ = 0;
  std::size_t head_size_ = 0;
  std::size_t whole_ = std::string::npos;
};

}  // namespace portal::bench
