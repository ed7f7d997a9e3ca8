#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace portal::base {

/// Every way in which an expected operation can fail. Closed: `http/problem.cpp` maps each one to its
/// RFC 9457 problem type in a switch without `default`, so that a new code cannot be forgotten there.
enum class ErrorCode : std::uint8_t {
  kBadRequest,
  kValidation,
  kUnauthorized,
  kInvalidToken,  ///< like kUnauthorized, for a token that was given but is bad, revoked or expired
  kForbidden,
  kCorsOriginDenied,
  kSignatureInvalid,
  kSignatureExpired,
  kNotFound,
  kMethodNotAllowed,
  kNotAcceptable,
  kRequestTimeout,
  kConflict,
  kLengthRequired,
  kPreconditionFailed,
  kPayloadTooLarge,
  kUriTooLong,
  kUnsupportedMediaType,
  kRangeNotSatisfiable,
  kExpectationFailed,
  kMisdirected,  ///< sent to a host that this server does not answer for
  kRateLimitExceeded,
  kHeadersTooLarge,
  kInternal,
  kNotImplemented,
  kCircuitOpen,
  kUnavailable,
  kHttpVersion,
  kStorageFull,
  kOverBudget,  ///< a read took longer than an event loop may give it; run it again without a budget
};
inline constexpr std::size_t kErrorCodes = static_cast<std::size_t>(ErrorCode::kOverBudget) + 1;

/// One refused query parameter of a request, as it appears in `errors` of a VALIDATION_ERROR.
struct ParameterError {
  std::string parameter;
  std::string detail;
};

/// An expected failure with two faces: `detail` is written for the client and never holds a secret or a
/// path, `internal` is written for the log and never leaves the process.
struct Error {
  ErrorCode code;
  std::string detail;
  std::string internal;
  std::vector<ParameterError> parameters;
  /// How a dependency failed: an I/O error, damage, no way to open, no space. Circuit breakers count these, and show
  /// this text, which has no path in it. Empty where nothing failed: a refusal, a lock that others hold, a read over
  /// its budget.
  std::string fault = {};
  /// When to come again, for the answers that have a Retry-After. 0: unknown.
  std::chrono::seconds retry_after{0};
};

}  // namespace portal::base
