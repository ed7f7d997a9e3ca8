#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "model/budgets.h"
#include "model/scopes.h"

namespace portal::model {

struct Tenant {
  base::TenantId id;   ///< internal
  std::string slug;    ///< what people type: 1 to 40 of `[a-z0-9-]`, unique
  std::string name;    ///< what people read; `IsDisplayName`
  std::string bucket;  ///< the first path segment of its signed URLs
  bool suspended = false;
  base::WallTime created_at;
  std::int64_t contacts = 0;                  ///< how many it has
  std::int64_t jobs = 0;                      ///< how many it has
  std::int64_t blob_bytes = 0;                ///< of what its files hold and of uploads that no file names yet
  std::optional<std::int64_t> quota_bytes{};  ///< the most that `blob_bytes` may become; unset: no limit
  Budgets budgets{};                          ///< of all its clients together
};

/// What of a tenant is to change; unset stays.
struct TenantChange {
  std::optional<std::string> name{};
  std::optional<bool> suspended{};
  std::optional<std::optional<std::int64_t>> quota_bytes{};  ///< an inner nullopt lifts the quota
  std::optional<bool> importing{};  ///< true: it stays suspended until an import is whole, also when that is killed
};

struct Client {
  base::ClientId id;
  base::TenantId tenant;
  std::string name;  ///< `IsDisplayName`
  bool revoked = false;
  base::WallTime created_at;
  Budgets budgets{};
};

/// What is kept of a bearer token: never the token itself.
struct Token {
  std::string id;  ///< `tok_…`, to list and revoke it by
  base::ClientId client;
  std::string label;  ///< empty, or `IsDisplayName`
  base::WallTime created_at;
  std::optional<base::WallTime> expires_at;
  std::optional<base::WallTime> revoked_at;
  Scopes scopes = kReadScope;                    ///< of kReadScope and kWriteScope
  std::optional<base::WallTime> last_used_at{};  ///< to about a minute
};

/// A bearer token of somebody who looks after the whole portal; belongs to no tenant.
struct OperatorToken {
  std::string id;                 ///< `tok_…`
  std::string label;              ///< empty, or `IsDisplayName`
  Scopes scopes = kMetricsScope;  ///< of kAdminScope and kMetricsScope
  base::WallTime created_at;
  std::optional<base::WallTime> expires_at;
  std::optional<base::WallTime> revoked_at;
  std::optional<base::WallTime> last_used_at{};  ///< to about a minute
};

/// 1 to 40 of `[a-z0-9-]`, not starting or ending with `-`.
bool IsTenantSlug(std::string_view text);
/// 1 to 64 of `[A-Za-z0-9_.-]`.
bool IsClientId(std::string_view text);
/// Like a client id, but not `.` or `..`: it is a segment of a path.
bool IsBucketName(std::string_view text);

}  // namespace portal::model
