#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/ip_address.h"
#include "http/pipeline.h"
#include "http/request.h"
#include "http/response.h"
#include "net/outgoing.h"

namespace portal::net {

/// One request and its answer. An event loop has a single one that it uses for request after request; it
/// becomes a connection's own only when the answer cannot be given, or not be sent, in one go.
/// Not thread-safe; owned by one thread at a time.
struct Exchange {
  http::Request request;
  std::optional<http::Response> response;  ///< what the slow-read pool made; nullopt once sending has begun
  Outgoing outgoing;

  /// Forgets the request before, but for `request.head`, which the parser clears itself. `secure`: it
  /// comes over TLS.
  void Begin(const base::IpAddress& peer, bool secure, base::WorkerId worker);

  /// Makes every view of the request point into this object: `raw` is the head's bytes. They are parsed
  /// again rather than views shifted, so that a view that Head gets one day cannot be forgotten.
  void Own(std::string_view raw);

  /// The access-log line of an answer that nobody takes any more.
  void LogAborted(const http::Pipeline& pipeline) const;

 private:
  std::string raw_;
};

}  // namespace portal::net
