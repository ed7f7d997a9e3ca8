#include "http/head_writer.h"

#include "base/time_text.h"
#include "http/head_text.h"

namespace portal::http {

namespace {

constexpr char kSecurityFields[] =
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Content-Security-Policy: ";
constexpr char kDefaultContentSecurityPolicy[] = "default-src 'none'; frame-ancestors 'none'";

constexpr char kExposedFields[] =
    "Access-Control-Expose-Headers: X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, RateLimit-Policy, "
    "RateLimit, Retry-After, ETag, Link, X-Request-Id, X-Trace-Id\r\n";

/// RFC 9110 §15; empty for a status without a phrase, which RFC 9112 §4 allows.
std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "";
  }
}

/// The text of one second is asked for by every answer of that second.
std::string_view DateOf(base::WallTime now) {
  thread_local std::chrono::sys_seconds cached_second{std::chrono::seconds{-1}};
  thread_local std::string cached_text;
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (second != cached_second) {
    cached_text.clear();
    base::AppendHttpDate(now, cached_text);
    cached_second = second;
  }
  return cached_text;
}

void PutOwnField(const ResponseField& field, HeadText& head) {
  bool safe = true;
  for (const char c : field.value) safe &= c != '\r' && c != '\n' && c != '\0';
  if (safe) head << field.name << ": " << field.value << "\r\n";
}

/// The draft of RateLimit fields (draft-ietf-httpapi-ratelimit-headers-10) beside the names everybody knows. The
/// policy's name is one of ours, so that it needs no quoting.
void PutLimitFields(const Request& request, HeadText& head) {
  const LimitVerdict& verdict = *request.limit;
  const std::uint64_t limit = verdict.decision.limit;
  const std::uint64_t remaining = verdict.decision.remaining;
  // The request's wall time has lost less than a millisecond, and the decision came microseconds later.
  const auto decided = request.now + std::chrono::milliseconds(1);
  const auto resets_at =
      std::chrono::ceil<std::chrono::seconds>(decided + (verdict.decision.resets_at - verdict.decision.decided_at));
  head << "X-RateLimit-Limit: " << limit << "\r\nX-RateLimit-Remaining: " << remaining
       << "\r\nX-RateLimit-Reset: " << static_cast<std::uint64_t>(resets_at.time_since_epoch().count());
  head << "\r\nRateLimit-Policy: \"" << verdict.policy << "\";q=" << limit
       << ";w=" << static_cast<std::uint64_t>(verdict.window.count());
  head << "\r\nRateLimit: \"" << verdict.policy << "\";r=" << remaining
       << ";t=" << static_cast<std::uint64_t>(verdict.SecondsLeft()) << "\r\n";
}

/// Fetch standard, "HTTP CORS protocol". Every answer of the data plane could be another one for another page.
void PutCorsFields(const Request& request, HeadText& head) {
  if (request.origin == OriginVerdict::kUnasked) return;
  head << "Vary: Origin\r\n";
  if (request.origin != OriginVerdict::kAllowed) return;
  head << "Access-Control-Allow-Origin: " << *request.head.Find("Origin") << "\r\n" << kExposedFields;
}

bool HasContentLength(int status) { return status != 204 && status != 304 && status >= 200; }

}  // namespace

void WriteHead(const Request& request, const Response& response, base::WallTime now, bool close, std::string& out) {
  HeadText head(out);
  head << "HTTP/1.1 " << static_cast<std::uint64_t>(response.status) << " " << ReasonPhrase(response.status)
       << "\r\nDate: " << DateOf(now) << "\r\nX-Request-Id: " << request.request_id.view()
       << "\r\nX-Trace-Id: " << request.trace_id.view() << "\r\n";
  head << kSecurityFields;
  if (response.content_security_policy.empty()) {
    head << kDefaultContentSecurityPolicy << "\r\n";
  } else {
    head << response.content_security_policy << "\r\n";
  }
  if (request.limit) PutLimitFields(request, head);
  PutCorsFields(request, head);
  if (request.secure) head << "Strict-Transport-Security: max-age=31536000\r\n";

  const std::string_view content_type =
      response.content_type_storage.empty() ? response.content_type : std::string_view(response.content_type_storage);
  if (!content_type.empty()) head << "Content-Type: " << content_type << "\r\n";
  if (response.streamed) {
    if (request.head.minor_version >= 1) head << "Transfer-Encoding: chunked\r\n";
  } else if (HasContentLength(response.status)) {
    head << "Content-Length: " << response.content_length() << "\r\n";
  }
  for (const ResponseField& field : response.fields) PutOwnField(field, head);
  if (close) {
    head << "Connection: close\r\n";
  } else if (request.head.minor_version == 0) {
    head << "Connection: keep-alive\r\n";
  }
  head << "\r\n";
  head.Flush();
}

}  // namespace portal::http
