#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/inline_text.h"
#include "base/ip_address.h"
#include "http/head.h"
#include "http/injected_fault.h"
#include "http/limit_subject.h"
#include "model/file.h"
#include "model/scopes.h"

namespace portal::http {

/// Who asks, once a bearer token has been checked.
struct Identity {
  base::TenantId tenant;  ///< an operator has none: 0
  base::ClientId client;  ///< an operator has none: empty
  model::Scopes scopes = model::kReadScope;
  base::InlineText<32> token_id{};  ///< `tok_…`, for the log
  LimitSubject limits{};            ///< an operator is never limited
};

/// What a valid signed URL allows: this one blob of this tenant, until `expires`.
struct FileGrant {
  enum class Disposition : std::uint8_t { kUnspecified, kAttachment, kInline };
  base::TenantId tenant;
  base::ClientId client;
  std::string bucket;
  base::JobId job_id;
  std::string name;
  std::chrono::sys_seconds expires;
  Disposition disposition = Disposition::kUnspecified;
  LimitSubject limits{};
};

/// How long a handler may keep its thread: an event loop serves thousands of connections and gives a
/// read about two milliseconds, a pool thread waits as long as it takes.
enum class ReadBudget : std::uint8_t { kLoop, kUnbounded };

/// The values of a matched route's `{parameters}`, percent-decoded, in the order of the pattern.
struct PathParameters {
  std::array<std::string, 3> values;
  const std::string& operator[](std::size_t i) const { return values[i]; }
};

/// What the request's Origin header means for it (stages/cors.h).
enum class OriginVerdict : std::uint8_t {
  kUnasked,  ///< nobody has looked: the control plane does without CORS
  kNone,     ///< there is none
  kAllowed,  ///< its page may read the answer
  kDenied,   ///< its page may not, so nothing is done for it
};

struct Route;

/// A request on its way through the pipeline. The head's views live as long as the request; each stage
/// fills in what it finds out.
struct Request {
  Head head;
  base::IpAddress peer;            ///< whom it came from
  base::IpAddress client_address;  ///< who asks, which need not be the peer (stages/client_address.h)
  bool secure = false;             ///< came over TLS
  base::WorkerId worker;
  ReadBudget budget = ReadBudget::kLoop;
  base::MonotonicTime received;  ///< when the head was complete
  base::WallTime now;            ///< the one wall time of this request
  OriginVerdict origin = OriginVerdict::kUnasked;

  base::InlineText<128> request_id;
  base::InlineText<64> trace_id;
  const Route* route = nullptr;
  PathParameters path_parameters;
  std::optional<Identity> identity;
  std::optional<FileGrant> grant;
  std::optional<InjectedFault> fault;  ///< in test mode, once it has been chosen
  bool limited = false;                ///< its budget was asked, which is done once
  std::optional<LimitVerdict> limit;   ///< what that said; nullopt: nothing limits it

  /// Forgets what stages found out about the request before this one, whose memory is used again.
  void Renew() {
    route = nullptr;
    identity.reset();
    grant.reset();
    limited = false;
    limit.reset();
    fault.reset();
  }
};

}  // namespace portal::http
