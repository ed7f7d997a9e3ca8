#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "crypto/hmac.h"
#include "http/request.h"

namespace portal::service {

/// What a signed URL says, before anybody has checked it. The tenant is not in it: the client's id tells.
struct FileLink {
  std::string bucket;
  base::JobId job_id;
  std::string name;  ///< decoded
  std::int64_t expires_s = 0;
  base::ClientId client;
  http::FileGrant::Disposition disposition = http::FileGrant::Disposition::kUnspecified;
  crypto::Mac signature{};
};

/// See FileLinks::Parse.
base::Result<FileLink> ParseFileLink(std::string_view target);

/// As in the URL; empty for kUnspecified.
std::string_view ToText(http::FileGrant::Disposition disposition);

}  // namespace portal::service
