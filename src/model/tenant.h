#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"

namespace portal::model {

struct Tenant {
  base::TenantId id;   ///< internal
  std::string slug;    ///< what people type: 1 to 40 of `[a-z0-9-]`, unique
  std::string name;    ///< what people read; `IsDisplayName`
  std::string bucket;  ///< the first path segment of its signed URLs
  bool suspended = false;
  base::WallTime created_at;
};

struct Client {
  base::ClientId id;
  base::TenantId tenant;
  std::string name;  ///< `IsDisplayName`
  bool revoked = false;
  base::WallTime created_at;
};

/// What is kept of a bearer token: never the token itself.
struct Token {
  std::string id;  ///< `tok_…`, to list and revoke it by
  base::ClientId client;
  std::string label;  ///< empty, or `IsDisplayName`
  base::WallTime created_at;
  std::optional<base::WallTime> expires_at;
  std::optional<base::WallTime> revoked_at;
};

/// 1 to 40 of `[a-z0-9-]`, not starting or ending with `-`.
bool IsTenantSlug(std::string_view text);
/// 1 to 64 of `[A-Za-z0-9_.-]`.
bool IsClientId(std::string_view text);
/// Like a client id, but not `.` or `..`: it is a segment of a path.
bool IsBucketName(std::string_view text);

}  // namespace portal::model
