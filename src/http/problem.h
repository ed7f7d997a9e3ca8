#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/response.h"

namespace portal::http {

/// A row of the contract's error table: what RFC 9457 calls a problem type.
struct ProblemType {
  std::string_view slug;  ///< `type` is `public_url` + `/errors/` + slug
  std::string_view title;
  int status;
  std::string_view code;         ///< stable, for programs
  std::string_view explanation;  ///< what the human page says
};

const ProblemType& ProblemFor(base::ErrorCode code);
/// Every problem type once, in the order of the contract.
std::span<const ProblemType> AllProblems();
const ProblemType* FindProblem(std::string_view slug);

/// The problem+json answer to `error`, with the headers its status asks for
/// (`WWW-Authenticate`, `Allow` is the pipeline's). `public_base` is scheme and authority without a slash.
Response RenderProblem(const base::Error& error, std::string_view public_base, std::string_view trace_id);

}  // namespace portal::http
