#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip_network.h"
#include "crypto/random.h"
#include "http/authenticator.h"
#include "http/fault_injector.h"
#include "http/head_parser.h"
#include "http/rate_limits.h"
#include "http/request.h"
#include "http/request_log.h"
#include "http/response.h"
#include "http/router.h"
#include "http/stages/cors.h"
#include "http/stages/scrapers.h"
#include "http/traffic.h"

namespace portal::http {

/// A request's way from its head to its response; `pipeline.cpp` is the one place that says in which
/// order. Thread-safe: workers share it, each with requests of its own.
class Pipeline {
 public:
  struct Options {
    std::string public_url;  ///< scheme and authority, no trailing slash; empty: the request's own Host
    std::string fallback_authority = "localhost";       ///< where a request has no Host (HTTP/1.0)
    std::size_t workers = 16;                           ///< how many threads call; each worker's index is below
    std::vector<base::IpNetwork> trusted_proxies = {};  ///< whose X-Forwarded-For is believed
    std::vector<std::string> allowed_origins = {};      ///< whose pages may read answers, beside our own
    stages::Scrapers scrapers = {};                     ///< who reads the metrics without a token
    FaultInjector* faults = nullptr;                    ///< test mode's; borrowed, null without it
  };

  Pipeline(const Router& router, Authenticator& authenticator, RateLimits& limits, const base::Clock& clock,
           RequestLog& log, Options options);

  /// Fills in ids, times, the client's address and what CORS says. Call once a request, before `Answer` or `Refuse`.
  /// REQUIRES: request.head, peer, secure and worker are set.
  void Admit(Request& request) const;

  /// The answer, or nullopt when a read needed more than `ReadBudget::kLoop` allows: set
  /// `request.budget = kUnbounded` and call again on a thread that may block. Never throws.
  std::optional<Response> Answer(Request& request) const;

  /// The answer to a head that cannot be served; always closes.
  Response Refuse(const Request& request, const Refusal& refusal) const;
  /// The answer to a good request that cannot be served now; the connection goes on.
  Response Decline(const Request& request, const Refusal& refusal) const;

  /// One access-log line, when the last byte of the answer is with the kernel or the client is gone.
  /// `body_bytes` is what was sent of the body.
  void LogAccess(const Request& request, int status, std::uint64_t body_bytes) const;

  /// What has been answered so far: each request once, refused heads and declined ones too.
  const metrics::RequestMetrics& requests() const { return traffic_.requests(); }
  /// Everything that is counted of requests.
  const Traffic& traffic() const { return traffic_; }

 private:
  base::Result<Response> Handle(Request& request) const;
  base::Status Match(Request& request) const;
  base::Status Authenticate(Request& request) const;
  Response Explain(const Request& request, const base::Error& error) const;
  void Measure(const Request& request, int status) const;
  void NoteInTestMode(const Request& request, Response& response) const;

  const Router& router_;
  Authenticator& authenticator_;
  RateLimits& limits_;
  const base::Clock& clock_;
  const Options options_;
  const stages::CorsPolicy cors_;
  RequestLog& log_;
  mutable Traffic traffic_;                           // each worker notes its own
  mutable std::vector<crypto::RandomBuffer> random_;  // one per worker, which alone touches it
};

/// Where this answer tells clients to find the portal, without a trailing slash: `public_url`, else the
/// request's scheme and checked Host, else `fallback_authority`.
std::string PublicBase(std::string_view public_url, const Request& request, std::string_view fallback_authority);

}  // namespace portal::http
