#include "config/contradictions.h"

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

}  // namespace

Problems Contradictions(const Loaded& loaded) {
  Problems problems;
  CheckPair(loaded, problems);
  CheckSchemes(loaded, problems);
  return problems;
}

}  // namespace portal::config
