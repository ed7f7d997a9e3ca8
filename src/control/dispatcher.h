#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip_network.h"
#include "control/answer.h"
#include "control/body.h"
#include "control/context.h"
#include "control/routes.h"
#include "crypto/random.h"
#include "http/authenticator.h"
#include "http/head_parser.h"
#include "http/own_hosts.h"
#include "http/path_table.h"
#include "http/request.h"
#include "store/reader.h"

namespace portal::control {

/// A request's way from its head to its answer; `dispatcher.cpp` is the one place that says in which order.
/// Thread-safe: workers share it, each with requests of its own.
class Dispatcher {
 public:
  struct Options {
    std::string problem_base;      ///< scheme and authority of the pages that problems point to
    bool refuse_forwarded = true;  ///< whoever was forwarded by a stranger has not come from this machine
    base::WorkerId first_worker;   ///< of the threads that call, which follow one another
    std::size_t workers = 1;
    std::vector<base::IpNetwork> trusted_proxies = {};  ///< whose X-Forwarded-For is believed
    std::optional<http::OwnHosts> own_hosts = {};       ///< which alone it answers for; nullopt: for all
  };

  Dispatcher(std::span<const Route> routes, const Context& context, http::Authenticator& authenticator,
             Options options);

  /// Fills in ids, times and the client's address. Call once a request, before `Answer` or `Refuse`.
  /// REQUIRES: request.head, peer, secure and worker are set.
  void Admit(http::Request& request) const;

  /// Runs the handler with the request in `place`, which must live until the answer is sent: a streamed one may use
  /// it. Never throws.
  Answer Handle(http::Request& request, Request& place) const;

  /// The answer to a head that cannot be served.
  Answer Refuse(const http::Request& request, const http::Refusal& refusal) const;

  /// Where an exception of a streamed answer goes.
  void LogBug(const http::Request& request, std::string_view what) const;

  /// The access-log line, when the answer is sent or the client is gone.
  void LogAnswered(const http::Request& request, const Request* place, int status, std::uint64_t body_bytes) const;

 private:
  base::Result<Answer> Run(http::Request& request, Request& place) const;
  bool IsForwardedByStranger(const http::Request& request) const;
  base::Result<const Route*> Match(http::Request& request, Request& place) const;
  base::Status Authorise(http::Request& request, const Route& route, Request& place) const;
  std::optional<store::Reader::PastBreaker> PastBreaker(const http::Request& request, const Route& route) const;
  base::Status AuthoriseAgain(const http::Request& request, const Route& route, const Request& place) const;
  static base::Status ReadQuery(const http::Request& request, const Route& route, Request& place);
  Answer Explain(const http::Request& request, const base::Error& error) const;
  std::string AllowedOn(const http::Request& request) const;
  static std::string_view RouteOf(const Request* place);

  const std::span<const Route> routes_;
  const http::PathTable paths_;
  const Context& context_;
  http::Authenticator& authenticator_;
  const Options options_;
  mutable std::vector<crypto::RandomBuffer> random_;  // one per worker, which alone touches it
};

}  // namespace portal::control
