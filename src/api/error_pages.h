#pragma once

#include <map>
#include <string>
#include <string_view>

namespace portal::api {

/// The human pages behind problem types: `web/error.html` filled in once for each row of the problem table.
/// Immutable, so thread-safe.
class ErrorPages {
 public:
  ErrorPages();

  /// Null when there is no such slug.
  const std::string* Find(std::string_view slug) const;
  /// Allows the page's own style and nothing else.
  const std::string& security_policy() const { return security_policy_; }

 private:
  std::map<std::string, std::string, std::less<>> pages_;
  std::string security_policy_;
};

}  // namespace portal::api
