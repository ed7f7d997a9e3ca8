#include "config/contradictions.h"

#include <arpa/inet.h>

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

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

/// An entry of `listen`, or `control.listen`.
struct Place {
  std::string_view key;
  std::string text;
};

std::vector<Place> PlacesOf(const Config& config) {
  std::vector<Place> places;
  for (const std::string& text : config.listen) places.push_back({"listen", text});
  if (!config.control.listen.empty()) places.push_back({"control.listen", config.control.listen});
  return places;
}

void CheckSchemes(const Loaded& loaded, Problems& problems) {
  if (!loaded.config.tls.cert.empty()) return;
  for (const auto& [key, text] : PlacesOf(loaded.config)) {
    if (base::ParseEndpoint(text)->scheme != base::Endpoint::Scheme::kHttps) continue;
    problems.push_back(loaded.OriginOf(key).place + ": " + std::string(key) + ": \"" + text +
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
  for (const auto& [key, text] : PlacesOf(loaded.config)) {
    const auto endpoint = *base::ParseEndpoint(text);
    // The kernel picks another port each time.
    if (endpoint.kind == base::Endpoint::Kind::kTcp && endpoint.port == 0) continue;
    const auto [first, is_new] = entries.emplace(PlaceOf(endpoint), text);
    if (is_new) continue;
    const std::string which =
        first->second == text ? "is listed twice" : "is the same place as \"" + first->second + "\"";
    const std::string remedy = key == "listen" ? ". Remove one of the two" : ". Choose another, or \"\" for none";
    problems.push_back(loaded.OriginOf(key).place + ": " + std::string(key) + ": \"" + text + "\" " + which + remedy);
  }
}

void CheckBackups(const Loaded& loaded, Problems& problems) {
  if (loaded.config.backup.every.count() == 0 || !loaded.config.backup.dir.empty()) return;
  problems.push_back(loaded.OriginOf("backup.every").place +
                     ": backup.every needs a place for the backups: set backup.dir, or backup.every to 0");
}

void CheckBreakers(const Loaded& loaded, Problems& problems) {
  const Config::Breakers& breakers = loaded.config.breakers;
  if (breakers.min_calls <= breakers.window) return;
  problems.push_back(loaded.OriginOf("breakers.min_calls").place +
                     ": breakers.min_calls: " + std::to_string(breakers.min_calls) + " calls never fit into the " +
                     std::to_string(breakers.window) +
                     " of breakers.window: make min_calls smaller, or the window larger");
}

}  // namespace

Problems Contradictions(const Loaded& loaded) {
  Problems problems;
  CheckPair(loaded, problems);
  CheckSchemes(loaded, problems);
  CheckRepetitions(loaded, problems);
  CheckBackups(loaded, problems);
  CheckBreakers(loaded, problems);
  return problems;
}

}  // namespace portal::config
