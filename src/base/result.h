#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "base/error.h"

namespace portal::base {

/// A value, or the reason why there is none. Expected failures travel in here; bugs are exceptions.
template <typename T>
using Result = tl::expected<T, Error>;

/// The outcome of an operation that has no value to give.
using Status = Result<void>;

/// `return Fail(ErrorCode::kNotFound, "Contact not found");`
[[nodiscard]] inline tl::unexpected<Error> Fail(ErrorCode code, std::string detail, std::string internal = {}) {
  return tl::unexpected<Error>(Error{code, std::move(detail), std::move(internal), {}});
}

[[nodiscard]] inline tl::unexpected<Error> Fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace portal::base
