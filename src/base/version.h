#pragma once

#include <string_view>

namespace portal::base {

/// What this binary was built from. Also part of every ETag, since another build may render differently.
struct BuildInfo {
  std::string_view version;  ///< `1.0.0`
  std::string_view commit;   ///< 12 hex digits, or "unknown" outside a checkout
  std::string_view date;     ///< RFC 3339
};
extern const BuildInfo kBuild;

}  // namespace portal::base
