#include "app/certificate.h"

#include <utility>

namespace portal::app {

Certificate::Certificate(std::size_t loops, const base::Clock& clock, base::Logger& logger)
    : loops_(loops), clock_(clock), logger_(logger), ticket_keys_(std::make_shared<net::TlsTicketKeys>(clock)) {}

base::Status Certificate::Load(const config::Config::Tls& tls) {
  if (tls.cert.empty()) return {};
  if (!libraries_) libraries_ = std::make_shared<net::TlsLibraries>(loops_);
  auto loaded = net::TlsContext::Load(tls.cert, tls.key, libraries_, ticket_keys_, clock_);
  if (!loaded) return base::Fail(std::move(loaded).error());
  current_ = *std::move(loaded);
  logger_.Info("certificate", {{"certificate", current_->description()}});
  if (const auto& warning = current_->warning()) logger_.Warning("certificate", {{"detail", *warning}});
  return {};
}

}  // namespace portal::app
