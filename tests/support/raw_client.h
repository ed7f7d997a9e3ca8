#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "base/ascii.h"
#include "base/unique_fd.h"

namespace portal::testing {

/// One answer as it came over the wire.
struct RawResponse {
  int status = 0;
  std::string head;  ///< status line and fields, with the empty line
  std::string body;

  /// The first field of that name, or an empty text.
  std::string Field(std::string_view name) const {
    std::string_view rest = head;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find("\r\n"));
      rest.remove_prefix(line.size() + 2);
      const std::size_t colon = line.find(": ");
      if (colon != std::string_view::npos && base::EqualsIgnoreCase(line.substr(0, colon), name)) {
        return std::string(line.substr(colon + 2));
      }
    }
    return {};
  }
};

/// A blocking client that sends exactly the bytes it is given. Every wait ends after `kPatience` with an
/// exception, so that a server that hangs fails its test.
class RawClient {
 public:
  static constexpr std::chrono::milliseconds kPatience{10'000};

  /// Connects to 127.0.0.1. `receive_buffer` 0: the kernel's default; a small one makes a slow reader.
  explicit RawClient(std::uint16_t port, int receive_buffer = 0) : RawClient(Unconnected{}, receive_buffer) {
    Connect(port);
  }

  struct Unconnected {};
  explicit RawClient(Unconnected, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (!fd_) Throw("socket");
    if (receive_buffer > 0) SetOption(SO_RCVBUF, receive_buffer);
  }

  void Connect(std::uint16_t port) {
    if (!TryConnect(port)) Throw("connect");
  }

  bool TryConnect(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) Throw("send");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// Sends until the server hangs up or all is sent.
  void SendAsMuchAsPossible(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void FinishSending() { ::shutdown(fd_.get(), SHUT_WR); }

  /// `GET target` on the kept connection.
  RawResponse Get(std::string_view target, std::string_view fields = {}) {
    Send("GET " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) + "\r\n");
    return ReadResponse();
  }

  /// The next answer. `to_head`: it answers a HEAD, so no body follows.
  RawResponse ReadResponse(bool to_head = false) {
    RawResponse response;
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) ReadMore();
    response.head = Take(end + 4);
    response.status = std::stoi(response.head.substr(9, 3));
    const std::string length = response.Field("Content-Length");
    const std::size_t body = to_head || length.empty() ? 0 : std::stoull(length);
    while (received_.size() < body) ReadMore();
    response.body = Take(body);
    return response;
  }

  /// Everything up to the end of the stream.
  std::string ReadToEnd() {
    while (ReadSome()) continue;
    return std::exchange(received_, {});
  }

  /// Receives up to `bytes`, once; what is not asked for stays unread in the kernel.
  std::string ReadOnce(std::size_t bytes) {
    WaitFor(POLLIN);
    std::string some(bytes, '\0');
    const ssize_t got = ::recv(fd_.get(), some.data(), some.size(), 0);
    if (got < 0) Throw("recv");
    some.resize(static_cast<std::size_t>(got));
    return some;
  }

  /// Is there anything to read, or an end, within that time?
  bool IsReadable(std::chrono::milliseconds within) {
    pollfd wanted{fd_.get(), POLLIN, 0};
    return !received_.empty() || ::poll(&wanted, 1, static_cast<int>(within.count())) > 0;
  }

  /// Waits until the server has reset the connection, without reading what it sent.
  void WaitForReset() { WaitFor(0); }

  int fd() const { return fd_.get(); }
  void Close() { fd_.Reset(); }

 private:
  [[noreturn]] static void Throw(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

  void SetOption(int option, int value) {
    if (::setsockopt(fd_.get(), SOL_SOCKET, option, &value, sizeof value) != 0) Throw("setsockopt");
  }

  void WaitFor(short events) {
    pollfd wanted{fd_.get(), events, 0};
    if (::poll(&wanted, 1, static_cast<int>(kPatience.count())) <= 0) throw std::runtime_error("the server is silent");
  }

  bool ReadSome() {
    WaitFor(POLLIN);
    std::array<char, 64 * 1024> some;
    const ssize_t got = ::recv(fd_.get(), some.data(), some.size(), 0);
    if (got < 0) Throw("recv");
    received_.append(some.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

  void ReadMore() {
    if (!ReadSome()) throw std::runtime_error("the server hung up after: " + received_);
  }

  std::string Take(std::size_t bytes) {
    std::string taken = received_.substr(0, bytes);
    received_.erase(0, bytes);
    return taken;
  }

  base::UniqueFd fd_;
  std::string received_;
};

}  // namespace portal::testing
