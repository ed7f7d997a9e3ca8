#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/time_text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "config/describe.h"
#include "net/tls_context.h"

namespace portal::cli {
namespace {

/// As serving loads it, so that both refuse the same.
base::Result<std::shared_ptr<const net::TlsContext>> LoadCertificate(const config::Config& config) {
  const base::SystemClock clock;
  return net::TlsContext::Load(config.tls.cert, config.tls.key, std::make_shared<net::TlsLibraries>(1),
                               std::make_shared<net::TlsTicketKeys>(clock), clock);
}

void PrintDefaults(const CheckConfigCommand& command, Console& console) {
  if (command.json) {
    const auto defaults = config::Load({.flags = {}, .config_flag = {}, .environment = {}, .default_file = {}});
    console.Data(config::EffectiveAsJson(defaults.value()));
  } else {
    console.Data(config::DefaultsAsToml());
  }
}

}  // namespace

int CheckConfig(const CheckConfigCommand& command, const config::Loaded& loaded, Console& console) {
  if (command.defaults) {
    PrintDefaults(command, console);
    return kExitOk;
  }
  std::optional<config::CertificateFacts> facts;
  if (!loaded.config.tls.cert.empty()) {
    const auto certificate = LoadCertificate(loaded.config);
    if (!certificate) {
      console.Error(certificate.error().detail);
      return kExitConfig;
    }
    if (const auto& warning = (*certificate)->warning()) console.Message(*warning);
    facts = {(*certificate)->name(), base::FormatRfc3339((*certificate)->not_after())};
  }
  console.Data(command.json ? config::EffectiveAsJson(loaded, facts) : config::EffectiveAsToml(loaded, facts));
  return kExitOk;
}

}  // namespace portal::cli
