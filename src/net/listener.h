#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace portal::net {

/// A bound, listening, non-blocking TCP socket: SO_REUSEADDR, never SO_REUSEPORT (a second instance must
/// fail, not share), backlog 1024.
class Listener {
 public:
  /// `endpoint` is `127.0.0.1:3000` or `[::1]:3000`, numeric only; port 0 lets the kernel pick.
  /// kValidation for a malformed endpoint, kUnavailable when it cannot be bound; `detail` says why in
  /// words for the operator, and what to do.
  static base::Result<Listener> Bind(std::string_view endpoint);

  int fd() const { return fd_.get(); }
  std::uint16_t port() const { return port_; }             ///< as bound
  const std::string& address() const { return address_; }  ///< `127.0.0.1:3000`, `[::1]:3000`, with the bound port

 private:
  base::UniqueFd fd_;
  std::uint16_t port_ = 0;
  std::string address_;
};

}  // namespace portal::net
