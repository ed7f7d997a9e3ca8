#pragma once

#include "http/authenticator.h"

namespace portal::testing {

/// For routes that are public: whoever identifies himself is refused.
class NobodyIsKnown final : public http::Authenticator {
 public:
  base::Result<http::Identity> CheckBearer(base::WorkerId, std::string_view, base::WallTime) override {
    return base::Fail(base::ErrorCode::kInvalidToken, "Unknown token");
  }
  base::Result<http::Identity> CheckScraper(base::WorkerId worker, std::string_view token,
                                            base::WallTime now) override {
    return CheckBearer(worker, token, now);
  }
  base::Result<http::FileGrant> CheckSignedUrl(base::WorkerId, std::string_view, base::WallTime) override {
    return base::Fail(base::ErrorCode::kSignatureInvalid, "Unknown signature");
  }
};

}  // namespace portal::testing
