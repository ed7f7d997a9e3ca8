#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "base/logger.h"
#include "base/result.h"
#include "http/request.h"
#include "http/response.h"

namespace portal::http::stages {

/// Runs `next`. An exception is a bug of ours: it is logged once, and the client gets a 500 with the trace
/// id to quote and nothing else.
template <typename Next>
base::Result<Response> Recover(const Request& request, base::Logger& logger, Next next) {
  std::string_view what = "unknown exception";
  std::string text;
  try {
    return next();
  } catch (const std::exception& exception) {
    text = exception.what();
    what = text;
  } catch (...) {
  }
  logger.Error("bug", {{"what", what}, {"trace_id", request.trace_id.view()}});
  return base::Fail(base::ErrorCode::kInternal, "The portal failed to answer this request; quote the trace id");
}

}  // namespace portal::http::stages
