#include "net/socket.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <cerrno>

namespace portal::net {

namespace {

using Outcome = Moved::Outcome;

template <typename Attempt>
Moved Retry(Attempt attempt) {
  while (true) {
    const ssize_t moved = attempt();
    if (moved > 0) return {Outcome::kSome, static_cast<std::size_t>(moved)};
    if (moved == 0) return {Outcome::kEnd};
    if (errno == EINTR) continue;
    return {errno == EAGAIN ? Outcome::kBlock : Outcome::kError};
  }
}

}  // namespace

Moved Socket::Receive(std::span<char> into) {
  Moved moved = Retry([&] { return ::recv(fd(), into.data(), into.size(), 0); });
  moved.drained = moved.bytes < into.size();  // epoll(7): less than asked for means that there was no more
  return moved;
}

Moved Socket::Send(std::span<const iovec> parts, bool more_follows) {
  if (parts.size() == 1 && !more_follows) {  // what small answers are, and cheaper than a message of one part
    return Retry([&] { return ::send(fd(), parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL); });
  }
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());
  message.msg_iovlen = parts.size();
  const int flags = MSG_NOSIGNAL | (more_follows ? MSG_MORE : 0);
  return Retry([&] { return ::sendmsg(fd(), &message, flags); });
}

Moved Socket::SendFile(int file, std::uint64_t offset, std::size_t bytes) {
  return Retry([&] {
    auto position = static_cast<off_t>(offset);
    return ::sendfile(fd(), file, &position, bytes);
  });
}

std::size_t Socket::Unconfirmed() const {
  int bytes = 0;
  return ::ioctl(fd(), SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

void Socket::Abort() {
  const linger at_once{1, 0};
  ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  Close();
}

void Socket::FinishSending() { ::shutdown(fd(), SHUT_WR); }

}  // namespace portal::net
