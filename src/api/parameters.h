#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/query.h"

namespace portal::api {

/// Reads a resource's query parameters and collects everything that is wrong with them, so that a client
/// learns of all its mistakes at once. Ask for each parameter the resource knows, then for `Finish`.
class Parameters {
 public:
  /// kBadRequest when the query does not decode.
  static base::Result<Parameters> Parse(std::string_view query);

  bool Has(std::string_view name) const;
  /// 1 to `max_bytes` bytes; nullopt when absent or wrong.
  std::optional<std::string> Text(std::string_view name, std::size_t max_bytes);
  /// Decimal digits with an optional minus, between `min` and `max`; `fallback` when absent or wrong.
  std::int64_t Integer(std::string_view name, std::int64_t fallback, std::int64_t min, std::int64_t max);
  /// RFC 3339; a `+` of an offset may have been left unescaped.
  std::optional<base::WallTime> Time(std::string_view name);
  /// One of `names`: its index; nullopt when absent or wrong.
  std::optional<std::size_t> OneOf(std::string_view name, std::span<const std::string_view> names);

  void Refuse(std::string_view name, std::string detail);

  /// kValidation with every error met so far and every parameter that nobody asked for, a few dozen at most.
  base::Status Finish() const;

 private:
  explicit Parameters(http::QueryParameters query) : query_(std::move(query)) {}
  std::optional<std::string> Take(std::string_view name);

  http::QueryParameters query_;
  std::string known_;  // "limit, offset, …", as asked for
  std::vector<base::ParameterError> errors_;
};

inline constexpr std::size_t kUuidBytes = 36;
/// A UUID as it is kept: its digits may come in upper case too (RFC 9562 §4).
std::string CanonicalUuid(std::string_view text);

/// For resources without parameters.
base::Status TakesNoParameters(std::string_view query);

}  // namespace portal::api
