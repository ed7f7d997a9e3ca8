#include "net/acceptor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace portal::net {

namespace {

base::UniqueFd OpenReserve() { return base::UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

PeerAddress FormatPeer(const sockaddr_storage& peer) {
  char text[INET6_ADDRSTRLEN];
  const char* formatted = nullptr;
  if (peer.ss_family == AF_INET) {
    formatted = inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(peer).sin_addr, text, sizeof text);
  } else if (peer.ss_family == AF_INET6) {
    formatted = inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr, text, sizeof text);
  }
  return PeerAddress(formatted ? formatted : "unix");
}

}  // namespace

Acceptor::Acceptor() : reserve_(OpenReserve()) {}

std::optional<Accepted> Acceptor::Next(int listener_fd) {
  while (true) {
    sockaddr_storage peer;
    socklen_t size = sizeof peer;
    base::UniqueFd fd(::accept4(listener_fd, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) return Accepted{Socket(std::move(fd)), FormatPeer(peer)};
    switch (errno) {
      case EMFILE:
      case ENFILE:
        if (!HangUpOne(listener_fd)) return std::nullopt;
        continue;
      case EINTR:
      case ECONNABORTED:
        continue;
      default:  // nobody waits, or the network or the memory fails: the listener stays readable and is tried again
        return std::nullopt;
    }
  }
}

bool Acceptor::HangUpOne(int listener_fd) {
  reserve_.Reset();
  base::UniqueFd victim(::accept4(listener_fd, nullptr, nullptr, SOCK_CLOEXEC));
  const bool hung_up = static_cast<bool>(victim);
  hung_up_ += hung_up ? 1 : 0;
  victim.Reset();  // before the reserve takes its place
  reserve_ = OpenReserve();
  return hung_up;
}

}  // namespace portal::net
