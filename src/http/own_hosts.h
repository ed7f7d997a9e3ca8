#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_network.h"
#include "http/head.h"

namespace portal::http {

/// The hosts by which this machine itself asks. Who listens on loopback keeps strangers out but not their pages: one
/// whose name has been made to point to this machine (DNS rebinding) is of its own origin to its visitor's browser, and
/// the Host, which no page can choose, alone tells where it is from. Immutable, so thread-safe.
class OwnHosts {
 public:
  /// Loopback: `localhost`, names that end in `.localhost` (RFC 6761 §6.3), 127.0.0.0/8 and ::1. And the hosts of
  /// `urls`, which are schemes and authorities; empty ones name none.
  explicit OwnHosts(std::initializer_list<std::string_view> urls);

  /// Whether a request is for one of them, on whatever port; one that names no host is: browsers always do.
  bool AreMeantBy(const Head& head) const;

 private:
  bool Has(std::string_view host) const;

  std::vector<base::IpNetwork> loopback_;
  std::vector<std::string> named_;
};

}  // namespace portal::http
