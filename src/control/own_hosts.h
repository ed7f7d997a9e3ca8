#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_network.h"
#include "base/result.h"
#include "http/head.h"

namespace portal::control {

/// The hosts that the control plane answers for where its tokens are known to everybody: with demo data and in test
/// mode. It listens on loopback then, which keeps strangers out but not their pages: one whose name has been made to
/// point to this machine (DNS rebinding) is of its own origin to its visitor's browser, and the Host, which no page can
/// choose, alone tells where it is from. Immutable, so thread-safe.
class OwnHosts {
 public:
  /// Loopback: `localhost`, names that end in `.localhost` (RFC 6761 §6.3), 127.0.0.0/8 and ::1. And the hosts of
  /// `urls`, which are schemes and authorities; empty ones name none.
  explicit OwnHosts(std::initializer_list<std::string_view> urls);

  /// kMisdirected for a request to any other host (RFC 9110 §7.4); on which port does not matter. One that names no
  /// host passes: browsers always do.
  base::Status Check(const http::Head& head) const;

 private:
  bool Has(std::string_view host) const;

  std::vector<base::IpNetwork> loopback_;
  std::vector<std::string> named_;
};

}  // namespace portal::control
