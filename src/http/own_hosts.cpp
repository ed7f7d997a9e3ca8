#include "http/own_hosts.h"

#include <algorithm>

#include "base/ascii.h"

namespace portal::http {
namespace {

/// Without the port, and an IPv6 address without its brackets. REQUIRES: http::IsAuthority.
std::string_view HostOf(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  return authority.substr(0, authority.find(':'));
}

std::string_view AuthorityOf(std::string_view url) {
  constexpr std::string_view kAfterScheme = "://";
  const std::size_t at = url.find(kAfterScheme);
  return at == std::string_view::npos ? url : url.substr(at + kAfterScheme.size());
}

bool IsLocalName(std::string_view host) {
  constexpr std::string_view kName = "localhost";
  constexpr std::string_view kSuffix = ".localhost";
  if (base::EqualsIgnoreCase(host, kName)) return true;
  return host.size() > kSuffix.size() && base::EqualsIgnoreCase(host.substr(host.size() - kSuffix.size()), kSuffix);
}

}  // namespace

OwnHosts::OwnHosts(std::initializer_list<std::string_view> urls)
    : loopback_{*base::IpNetwork::Parse("127.0.0.0/8"), *base::IpNetwork::Parse("::1")} {
  for (const std::string_view url : urls) {
    if (!url.empty()) named_.emplace_back(HostOf(AuthorityOf(url)));
  }
}

bool OwnHosts::AreMeantBy(const Head& head) const { return head.host.empty() || Has(HostOf(head.host)); }

bool OwnHosts::Has(std::string_view host) const {
  if (IsLocalName(host)) return true;
  const auto address = base::IpAddress::Parse(host);
  if (address && base::AnyContains(loopback_, *address)) return true;
  return std::ranges::any_of(named_, [&](const std::string& name) { return base::EqualsIgnoreCase(name, host); });
}

}  // namespace portal::http
