#include "net/acceptor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "net/peer.h"

namespace portal::net {

namespace {

base::UniqueFd OpenReserve() { return base::UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

/// The kernel looks for a descriptor before it looks for a client.
bool SomebodyWaits(int listener_fd) {
  pollfd listener{listener_fd, POLLIN, 0};
  return ::poll(&listener, 1, 0) > 0;
}

}  // namespace

Acceptor::Acceptor() : reserve_(OpenReserve()) {}

Acceptor::Outcome Acceptor::Next(int listener_fd, Accepted& accepted) {
  sockaddr_storage address;
  socklen_t size = sizeof address;
  accepted.fd = base::UniqueFd(
      ::accept4(listener_fd, reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (accepted.fd) {
    accepted.peer = PeerAddress(address);
    if (!reserve_) reserve_ = OpenReserve();  // another thread was faster when it was spent
    return Outcome::kAccepted;
  }
  switch (errno) {
    case EAGAIN:
      return Outcome::kNobody;
    case EMFILE:
    case ENFILE:
      return SomebodyWaits(listener_fd) ? Outcome::kNoDescriptor : Outcome::kNobody;
    case EINTR:
    case ECONNABORTED:
    // Errors of the new connection's network, which accept(2) says to treat like nobody being there; EPERM is
    // a firewall's.
    case EPROTO:
    case ENOPROTOOPT:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
    case EPERM:
      return Outcome::kClientGone;
    default:
      return Outcome::kFailed;
  }
}

bool Acceptor::HangUpOne(int listener_fd) {
  reserve_.Reset();
  base::UniqueFd victim(::accept4(listener_fd, nullptr, nullptr, SOCK_CLOEXEC));
  const bool hung_up = static_cast<bool>(victim);
  victim.Reset();  // before the reserve takes its place
  reserve_ = OpenReserve();
  return hung_up;
}

}  // namespace portal::net
