// Clients that ask for TARGET, read so many bytes of the answer, and reset the connection: for 0 bytes, STEP bytes,
// twice as many, up to the whole answer. Prints {"resets":N,"answerBytes":N}.
// usage: resets PORT STEP RECEIVE_BUFFER TARGET [TOKEN]
#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <span>
#include <stdexcept>
#include <string>

#include "faults/client_socket.h"

namespace portal::faults {
namespace {

class Resets {
 public:
  Resets(in_port_t port, int receive_buffer, std::string request)
      : port_(port), options_{.receive_buffer = receive_buffer}, request_(std::move(request)) {}

  /// The answer's size in bytes, read from its head.
  std::size_t AskForSize() {
    std::string head;
    const base::UniqueFd fd = Ask();
    while (true) {
      if (const auto size = AnswerSize(head)) return *size;
      char byte;
      ReadFrom(fd, {&byte, 1});
      head += byte;
    }
  }

  void ResetAfter(std::size_t bytes) {
    const base::UniqueFd fd = Ask();
    std::array<char, 64 * 1024> into;
    for (std::size_t left = bytes; left > 0;) left -= ReadFrom(fd, std::span(into).first(std::min(left, into.size())));
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

 private:
  base::UniqueFd Ask() {
    base::UniqueFd fd = Connect(port_, clients_++ % (8 * kClientsPerAddress), options_);
    if (::send(fd.get(), request_.data(), request_.size(), MSG_NOSIGNAL) < 0) {
      throw std::system_error(errno, std::generic_category(), "send");
    }
    return fd;
  }

  static std::size_t ReadFrom(const base::UniqueFd& fd, std::span<char> into) {
    const auto got = ::recv(fd.get(), into.data(), into.size(), 0);
    if (got < 0) throw std::system_error(errno, std::generic_category(), "recv");
    if (got == 0) throw std::runtime_error("the answer ended early");
    return static_cast<std::size_t>(got);
  }

  in_port_t port_;
  SocketOptions options_;
  std::string request_;
  std::size_t clients_ = 0;
};

int Run(int argc, char** argv) {
  Resets resets(static_cast<in_port_t>(Number(argv[1])), Number(argv[3]), Request(argv[4], argc == 6 ? argv[5] : ""));
  const std::size_t size = resets.AskForSize();
  const auto step = static_cast<std::size_t>(std::max(1, Number(argv[2])));
  std::size_t count = 0;
  for (std::size_t bytes = 0; bytes <= size; bytes += step, ++count) resets.ResetAfter(bytes);
  std::printf("{\"resets\":%zu,\"answerBytes\":%zu}\n", count, size);
  return 0;
}

}  // namespace
}  // namespace portal::faults

int main(int argc, char** argv) {
  if (argc != 5 && argc != 6) {
    std::fputs("usage: resets PORT STEP RECEIVE_BUFFER TARGET [TOKEN]\n", stderr);
    return 2;
  }
  try {
    return portal::faults::Run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "resets: %s\n", error.what());
    return 1;
  }
}
