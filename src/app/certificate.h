#pragma once

#include <cstddef>
#include <memory>

#include "base/clock.h"
#include "base/logger.h"
#include "base/result.h"
#include "config/config.h"
#include "net/tls_context.h"
#include "net/tls_libraries.h"
#include "net/tls_ticket_keys.h"

namespace portal::app {

/// The certificate that secure listeners show, and what outlives its replacement: the session tickets' keys, and
/// OpenSSL's state, for which this must outlive the event loops' threads. Not thread-safe.
class Certificate {
 public:
  /// `clock` and `logger` are borrowed.
  Certificate(std::size_t loops, const base::Clock& clock, base::Logger& logger);

  /// Reads the configured pair anew and logs whose it is; without one there is nothing to do. On an error, which is
  /// kValidation and names key and file, everything is as before.
  base::Status Load(const config::Config::Tls& tls);

  /// Null while none has been loaded.
  const std::shared_ptr<const net::TlsContext>& current() const { return current_; }

 private:
  const std::size_t loops_;
  const base::Clock& clock_;
  base::Logger& logger_;
  std::shared_ptr<const net::TlsLibraries> libraries_;  // null while no certificate is configured
  std::shared_ptr<net::TlsTicketKeys> ticket_keys_;
  std::shared_ptr<const net::TlsContext> current_;
};

}  // namespace portal::app
