#include "config/contradictions.h"

#include <arpa/inet.h>

#include <array>
#include <map>

#include "base/endpoint.h"

namespace portal::config {
namespace {

void CheckPair(const Loaded& loaded, Problems& problems) {
  const auto& [cert, key] = loaded.config.tls;
  if (cert.empty() == key.empty()) return;
  const std::string given = cert.empty() ? "tls.key" : "tls.cert";
  const std::string missing = cert.empty() ? "tls.cert" : "tls.key";
  problems.push_back(loaded.OriginOf(given).place + ": " + given + " is set and " + missing +
                     " is not: TLS needs both. Set " + missing + " too, or neither");
}

void CheckSchemes(const Loaded& loaded, Problems& problems) {
  if (!loaded.config.tls.cert.empty()) return;
  for (const std::string& text : loaded.config.listen) {
    if (base::ParseEndpoint(text)->scheme != base::Endpoint::Scheme::kHttps) continue;
    problems.push_back(loaded.OriginOf("listen").place + ": listen: \"" + text +
                       "\" needs a certificate: set tls.cert and tls.key, or write http:// instead of https://");
  }
}

/// The same for two spellings of one place, and for both schemes there.
std::string PlaceOf(const base::Endpoint& endpoint) {
  if (endpoint.kind == base::Endpoint::Kind::kUnix) return "unix:" + endpoint.name;
  if (endpoint.kind == base::Endpoint::Kind::kSystemd) return "systemd:" + endpoint.name;
  const int family = endpoint.is_v6 ? AF_INET6 : AF_INET;
  std::array<char, sizeof(in6_addr)> address{};
  ::inet_pton(family, endpoint.name.c_str(), address.data());
  return std::string(address.begin(), address.end()) + (endpoint.is_v6 ? "v6:" : "v4:") + std::to_string(endpoint.port);
}

/// Listening there twice would fail with the kernel's word that somebody already does: we.
void CheckRepetitions(const Loaded& loaded, Problems& problems) {
  std::map<std::string, std::string> entries;  // by place
  for (const std::string& text : loaded.config.listen) {
    const auto endpoint = *base::ParseEndpoint(text);
    // The kernel picks another port each time.
    if (endpoint.kind == base::Endpoint::Kind::kTcp && endpoint.port == 0) continue;
    const auto [first, is_new] = entries.emplace(PlaceOf(endpoint), text);
    if (is_new) continue;
    const std::string which =
        first->second == text ? "is listed twice" : "is the same place as \"" + first->second + "\"";
    problems.push_back(loaded.OriginOf("listen").place + ": listen: \"" + text + "\" " + which +
                       ". Remove one of the two");
  }
}

}  // namespace

Problems Contradictions(const Loaded& loaded) {
  Problems problems;
  CheckPair(loaded, problems);
  CheckSchemes(loaded, problems);
  CheckRepetitions(loaded, problems);
  return problems;
}

}  // namespace portal::config
