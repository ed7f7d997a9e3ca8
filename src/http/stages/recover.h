#pragma once

#include <exception>
#include <string>

#include "base/result.h"
#include "http/response.h"

namespace portal::http::stages {

/// Runs `next`. An exception is a bug of ours: what it says is for the log, and the client gets a 500 with
/// the trace id to quote and nothing else.
template <typename Answer = Response, typename Next>
base::Result<Answer> Recover(Next next) {
  std::string what = "unknown exception";
  try {
    return next();
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {
  }
  return base::Fail(base::ErrorCode::kInternal, "The portal failed to answer this request; quote the trace id",
                    "bug: " + what);
}

}  // namespace portal::http::stages
