#pragma once

#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "http/request.h"

namespace portal::http {

/// Decides who asks. Implemented above (`service::Access`), since it needs the store.
/// Thread-safe: each worker only touches its own state.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  /// kInvalidToken for a bad, revoked or expired token and for a suspended tenant or revoked client;
  /// kUnavailable when the store cannot say.
  virtual base::Result<Identity> CheckBearer(base::WorkerId worker, std::string_view token, base::WallTime now) = 0;

  /// As CheckBearer, for whoever watches the portal, most of all while the store fails: past the database's circuit
  /// breaker, and where the store cannot say, as it said last, if that is not too long ago.
  virtual base::Result<Identity> CheckScraper(base::WorkerId worker, std::string_view token, base::WallTime now) = 0;

  /// `target` is the raw request target of `GET /files/…`. kBadRequest, kSignatureInvalid,
  /// kSignatureExpired, or kUnavailable when the store cannot say.
  virtual base::Result<FileGrant> CheckSignedUrl(base::WorkerId worker, std::string_view target,
                                                 base::WallTime now) = 0;
};

}  // namespace portal::http
