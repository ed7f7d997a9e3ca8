#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/head.h"

namespace portal::http {

/// What identifies the current representation of a resource (RFC 9110 §8.8).
struct Validators {
  std::string_view etag;  ///< strong, with its quotes
  std::optional<std::chrono::sys_seconds> last_modified;
};

enum class Precondition : std::uint8_t { kProceed, kNotModified, kFailed };

/// Evaluates a GET's or HEAD's conditions in the order of RFC 9110 §13.2.2: If-Match, If-Unmodified-Since,
/// If-None-Match, If-Modified-Since. REQUIRES: the representation exists. Pure.
Precondition EvaluatePreconditions(const Head& head, const Validators& current, base::WallTime now);

/// Do the conditions of a method that changes a resource hold: If-Match and If-None-Match (RFC 9110 §13.1.1, §13.1.2)?
/// `etag` is that of the current representation, strong, with its quotes; nullopt: there is none. kPreconditionFailed
/// with the field that does not hold and what to do; kBadRequest where a field is malformed or names nothing, which
/// must not pass for one that holds. Pure.
base::Status MayChange(const Head& head, std::optional<std::string_view> etag);

/// Does the request's Range count, given its If-Range (RFC 9110 §13.1.5)? True without If-Range.
bool IfRangeHolds(const Head& head, const Validators& current, base::WallTime now);

/// What a Range field asks of `size` bytes (RFC 9110 §14.2).
struct RangeVerdict {
  enum class Kind : std::uint8_t {
    kWhole,         ///< not a range this server serves: unknown unit, malformed, or several ranges
    kPartial,       ///< `offset` and `length` lie within the representation
    kUnsatisfiable  ///< 416
  };
  Kind kind = Kind::kWhole;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};
RangeVerdict EvaluateRange(std::string_view range, std::uint64_t size);

}  // namespace portal::http
