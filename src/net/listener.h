#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/endpoint.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "net/inherited_sockets.h"
#include "net/unix_socket_file.h"

namespace portal::net {

/// A bound, listening, non-blocking stream socket: TCP with SO_REUSEADDR and never SO_REUSEPORT (a second
/// instance must fail, not share), or Unix; our own with a backlog of 1024, or inherited.
class Listener {
 public:
  /// Binds a TCP or Unix endpoint (base/endpoint.h), numeric addresses only; port 0 lets the kernel pick.
  /// kValidation for anything else, kUnavailable when it cannot be bound; `detail` says why in words for the
  /// operator, and what to do. `have_certificate` decides on TLS where the endpoint does not say.
  static base::Result<Listener> Bind(std::string_view endpoint, bool have_certificate = false);

  /// Takes over a socket that must be listening already. kUnavailable where it is none that connections can be
  /// accepted from; `detail` names it.
  static base::Result<Listener> Adopt(InheritedSocket socket, base::Endpoint::Scheme scheme, bool have_certificate);

  int fd() const { return fd_.get(); }
  std::uint16_t port() const { return port_; }  ///< as bound; 0 for a Unix socket
  /// `127.0.0.1:3000`, `[::1]:3000`, with the bound port; `unix:/run/portal.sock`.
  const std::string& address() const { return address_; }
  /// Where a client that knows no better name asks: `127.0.0.1:3000`; `localhost` for a Unix socket.
  std::string authority() const { return is_unix_ ? "localhost" : address_; }
  bool secure() const { return secure_; }        ///< speaks TLS
  bool inherited() const { return inherited_; }  ///< others hold it too, and serve its queue after us
  bool is_unix() const { return is_unix_; }
  bool is_local() const { return is_local_; }  ///< reached from this machine alone: loopback, or a Unix socket

 private:
  void ReadBoundAddress();

  base::UniqueFd fd_;
  std::optional<UnixSocketFile> file_;  ///< of a Unix socket that is our own
  std::uint16_t port_ = 0;
  std::string address_;
  bool secure_ = false;
  bool inherited_ = false;
  bool is_unix_ = false;
  bool is_local_ = false;
};

}  // namespace portal::net
