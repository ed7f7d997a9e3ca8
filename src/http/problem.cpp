#include "http/problem.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/json_text.h"

namespace portal::http {
namespace {

using base::ErrorCode;

constexpr std::array kProblems = {
    ProblemType{"bad-request", "Bad Request", 400, "BAD_REQUEST",
                "The request could not be understood: its syntax, its framing or an escape in its path is not valid. "
                "The detail says which part; sending the same request again will not help."},
    ProblemType{"validation", "Bad Request", 400, "VALIDATION_ERROR",
                "A query parameter is unknown, repeated or has a value that is not allowed. The member errors names "
                "each such parameter and says what it may be."},
    ProblemType{"unauthorized", "Unauthorized", 401, "UNAUTHORIZED",
                "The request needs a bearer token in its Authorization header, or the one it carried is wrong, revoked "
                "or expired. Ask whoever runs the portal for a new one."},
    ProblemType{"forbidden", "Forbidden", 403, "FORBIDDEN", "The token is good, but it does not allow this."},
    ProblemType{"cors", "Forbidden", 403, "CORS_ORIGIN_DENIED",
                "The page that made this request comes from an origin that the portal does not list in "
                "cors.allowed_origins."},
    ProblemType{"signature-invalid", "Forbidden", 403, "SIGNATURE_INVALID",
                "The URL is not one that the portal signed, or whoever it was signed for has lost access since. "
                "Fetch the file's row again for a fresh URL."},
    ProblemType{"signature-expired", "Forbidden", 403, "SIGNATURE_EXPIRED",
                "The URL was good, but its time has passed. Fetch the file's row again for a fresh one."},
    ProblemType{"not-found", "Not Found", 404, "NOT_FOUND",
                "There is nothing at this address that the caller may see. An id of another tenant looks the same as "
                "an id that never existed."},
    ProblemType{"method", "Method Not Allowed", 405, "METHOD_NOT_ALLOWED",
                "The resource exists, but not for this method. The Allow header lists those it takes."},
    ProblemType{"not-acceptable", "Not Acceptable", 406, "NOT_ACCEPTABLE",
                "The resource has no form that the request's Accept header would take."},
    ProblemType{"timeout", "Request Timeout", 408, "REQUEST_TIMEOUT",
                "The request's head did not arrive in time, and the connection was closed."},
    ProblemType{"conflict", "Conflict", 409, "CONFLICT",
                "The request contradicts what is there already. The detail says what."},
    ProblemType{"length-required", "Length Required", 411, "LENGTH_REQUIRED",
                "The request has a body, and its length must be said in a Content-Length header."},
    ProblemType{"precondition", "Precondition Failed", 412, "PRECONDITION_FAILED",
                "A condition of the request, such as If-Match or If-Unmodified-Since, does not hold: the resource has "
                "changed since it was read."},
    ProblemType{"too-large", "Payload Too Large", 413, "PAYLOAD_TOO_LARGE",
                "The request carries a body that is larger than allowed here, or where none is allowed."},
    ProblemType{"uri-too-long", "URI Too Long", 414, "URI_TOO_LONG", "The request line is longer than 8 KiB."},
    ProblemType{"unsupported-media", "Unsupported Media Type", 415, "UNSUPPORTED_MEDIA_TYPE",
                "The body is of a type that this resource does not take."},
    ProblemType{"range", "Range Not Satisfiable", 416, "RANGE_NOT_SATISFIABLE",
                "The requested range starts past the end of the file. Content-Range says how long it is."},
    ProblemType{"expectation", "Expectation Failed", 417, "EXPECTATION_FAILED",
                "The request has an Expect header that the portal cannot meet."},
    ProblemType{"misdirected", "Misdirected Request", 421, "MISDIRECTED_REQUEST",
                "The request was sent to a host that this portal does not answer for. With demo data or in test mode, "
                "where tokens are known to everybody, its control plane answers for this machine and for the host of "
                "public_url alone; wherever it listens on loopback, so does its sign-in."},
    ProblemType{"rate-limit", "Too Many Requests", 429, "RATE_LIMIT_EXCEEDED",
                "The budget for this kind of request is used up. Wait for as long as Retry-After says; refused "
                "requests do not count."},
    ProblemType{"headers-too-large", "Request Header Fields Too Large", 431, "HEADERS_TOO_LARGE",
                "The request has more than 100 header fields, or more than 32 KiB of them."},
    ProblemType{"internal", "Internal Server Error", 500, "INTERNAL_ERROR",
                "The portal failed in a way that it should not have. Whoever runs it finds the reason in its log "
                "under the trace id."},
    ProblemType{"not-implemented", "Not Implemented", 501, "NOT_IMPLEMENTED",
                "The request asks for something that the portal does not do, such as an unknown transfer coding."},
    ProblemType{"circuit-open", "Service Unavailable", 503, "CIRCUIT_OPEN",
                "Something that the portal depends on has failed repeatedly and is given a rest. Try again after "
                "Retry-After."},
    ProblemType{"unavailable", "Service Unavailable", 503, "SERVICE_UNAVAILABLE",
                "The portal cannot answer at the moment: it is starting, stopping, overloaded, or its store cannot be "
                "read. Try again soon."},
    ProblemType{"http-version", "HTTP Version Not Supported", 505, "HTTP_VERSION",
                "The portal speaks HTTP/1.1 and HTTP/1.0."},
    ProblemType{"storage-full", "Insufficient Storage", 507, "STORAGE_FULL",
                "The portal's disk is full. Reading goes on; writing resumes once there is room."},
};

std::string_view SlugFor(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadRequest:
      return "bad-request";
    case ErrorCode::kValidation:
      return "validation";
    case ErrorCode::kUnauthorized:
    case ErrorCode::kInvalidToken:
      return "unauthorized";
    case ErrorCode::kForbidden:
      return "forbidden";
    case ErrorCode::kCorsOriginDenied:
      return "cors";
    case ErrorCode::kSignatureInvalid:
      return "signature-invalid";
    case ErrorCode::kSignatureExpired:
      return "signature-expired";
    case ErrorCode::kNotFound:
      return "not-found";
    case ErrorCode::kMethodNotAllowed:
      return "method";
    case ErrorCode::kNotAcceptable:
      return "not-acceptable";
    case ErrorCode::kRequestTimeout:
      return "timeout";
    case ErrorCode::kConflict:
      return "conflict";
    case ErrorCode::kLengthRequired:
      return "length-required";
    case ErrorCode::kPreconditionFailed:
      return "precondition";
    case ErrorCode::kPayloadTooLarge:
      return "too-large";
    case ErrorCode::kUriTooLong:
      return "uri-too-long";
    case ErrorCode::kUnsupportedMediaType:
      return "unsupported-media";
    case ErrorCode::kRangeNotSatisfiable:
      return "range";
    case ErrorCode::kExpectationFailed:
      return "expectation";
    case ErrorCode::kMisdirected:
      return "misdirected";
    case ErrorCode::kRateLimitExceeded:
      return "rate-limit";
    case ErrorCode::kHeadersTooLarge:
      return "headers-too-large";
    case ErrorCode::kInternal:
      return "internal";
    case ErrorCode::kNotImplemented:
      return "not-implemented";
    case ErrorCode::kCircuitOpen:
      return "circuit-open";
    case ErrorCode::kUnavailable:
    case ErrorCode::kOverBudget:
      return "unavailable";
    case ErrorCode::kHttpVersion:
      return "http-version";
    case ErrorCode::kStorageFull:
      return "storage-full";
  }
  throw std::logic_error("an error code outside of the enum");
}

}  // namespace

const ProblemType& ProblemFor(ErrorCode code) {
  const ProblemType* problem = FindProblem(SlugFor(code));
  if (problem == nullptr) throw std::logic_error("an error code without a row in the table");
  return *problem;
}

std::span<const ProblemType> AllProblems() { return kProblems; }

const ProblemType* FindProblem(std::string_view slug) {
  for (const ProblemType& problem : kProblems) {
    if (problem.slug == slug) return &problem;
  }
  return nullptr;
}

Response RenderProblem(const base::Error& error, std::string_view public_base, std::string_view trace_id) {
  const ProblemType& problem = ProblemFor(error.code);
  Response response;
  response.status = problem.status;
  response.content_type = kProblemJson;
  std::string& body = response.body;
  body.reserve(256);
  body += R"({"type":)";
  base::AppendJsonString(std::string(public_base).append("/errors/").append(problem.slug), body);
  body += R"(,"title":)";
  base::AppendJsonString(problem.title, body);
  body += R"(,"status":)";
  base::AppendDecimal(problem.status, body);
  body += R"(,"code":)";
  base::AppendJsonString(problem.code, body);
  body += R"(,"detail":)";
  base::AppendJsonString(error.detail, body);
  if (!error.parameters.empty()) {
    body += R"(,"errors":[)";
    for (const base::ParameterError& parameter : error.parameters) {
      if (body.back() != '[') body += ',';
      body += R"({"parameter":)";
      base::AppendJsonString(parameter.parameter, body);
      body += R"(,"detail":)";
      base::AppendJsonString(parameter.detail, body);
      body += '}';
    }
    body += ']';
  }
  body += R"(,"traceId":)";
  base::AppendJsonString(trace_id, body);
  body += '}';

  if (error.code == ErrorCode::kUnauthorized) response.Add("WWW-Authenticate", R"(Bearer realm="portal")");
  if (error.code == ErrorCode::kInvalidToken) {
    response.Add("WWW-Authenticate", R"(Bearer realm="portal", error="invalid_token")");
  }
  if (problem.status == 503 || error.retry_after.count() > 0) {
    response.Add("Retry-After", std::to_string(std::max<std::int64_t>(1, error.retry_after.count())));
  }
  return response;
}

}  // namespace portal::http
