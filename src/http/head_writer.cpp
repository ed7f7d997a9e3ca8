#include "http/head_writer.h"

#include <charconv>

#include "base/time_text.h"

namespace portal::http {

namespace {

constexpr std::string_view kSecurityFields =
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Content-Security-Policy: ";
constexpr std::string_view kDefaultContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";

constexpr std::string_view kExposedFields =
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

void AppendNumber(std::uint64_t value, std::string& out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

/// The text of one second is asked for by every answer of that second.
void AppendDate(base::WallTime now, std::string& out) {
  thread_local std::chrono::sys_seconds cached_second{std::chrono::seconds{-1}};
  thread_local std::string cached_text;
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (second != cached_second) {
    cached_text.clear();
    base::AppendHttpDate(now, cached_text);
    cached_second = second;
  }
  out.append(cached_text);
}

void AppendField(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void AppendOwnField(const ResponseField& field, std::string& out) {
  bool safe = true;
  for (const char c : field.value) safe &= c != '\r' && c != '\n' && c != '\0';
  if (safe) AppendField(field.name, field.value, out);
}

/// The draft of RateLimit fields (draft-ietf-httpapi-ratelimit-headers-10) beside the names everybody knows. The
/// policy's name is one of ours, so that it needs no quoting.
void AppendLimitFields(const Request& request, std::string& out) {
  const LimitVerdict& verdict = *request.limit;
  // The request's wall time has lost less than a millisecond.
  const auto received = request.now + std::chrono::milliseconds(1);
  const auto resets_at =
      std::chrono::ceil<std::chrono::seconds>(received + (verdict.decision.resets_at - request.received));
  out.append("X-RateLimit-Limit: ");
  AppendNumber(verdict.decision.limit, out);
  out.append("\r\nX-RateLimit-Remaining: ");
  AppendNumber(verdict.decision.remaining, out);
  out.append("\r\nX-RateLimit-Reset: ");
  AppendNumber(static_cast<std::uint64_t>(resets_at.time_since_epoch().count()), out);
  out.append("\r\nRateLimit-Policy: \"").append(verdict.policy).append("\";q=");
  AppendNumber(verdict.decision.limit, out);
  out.append(";w=");
  AppendNumber(static_cast<std::uint64_t>(verdict.window.count()), out);
  out.append("\r\nRateLimit: \"").append(verdict.policy).append("\";r=");
  AppendNumber(verdict.decision.remaining, out);
  out.append(";t=");
  AppendNumber(static_cast<std::uint64_t>(verdict.SecondsLeft()), out);
  out.append("\r\n");
}

/// Fetch standard, "HTTP CORS protocol". Every answer of the data plane could be another one for another page.
void AppendCorsFields(const Request& request, std::string& out) {
  if (request.origin == OriginVerdict::kUnasked) return;
  out.append("Vary: Origin\r\n");
  if (request.origin != OriginVerdict::kAllowed) return;
  AppendField("Access-Control-Allow-Origin", *request.head.Find("Origin"), out);
  out.append(kExposedFields);
}

bool HasContentLength(int status) { return status != 204 && status != 304 && status >= 200; }

}  // namespace

void WriteHead(const Request& request, const Response& response, base::WallTime now, bool close, std::string& out) {
  constexpr std::size_t kUsual = 1024;
  if (out.capacity() - out.size() < kUsual) out.reserve(out.size() + kUsual);
  out.append("HTTP/1.1 ");
  AppendNumber(static_cast<std::uint64_t>(response.status), out);
  out.append(" ").append(ReasonPhrase(response.status)).append("\r\nDate: ");
  AppendDate(now, out);
  out.append("\r\nX-Request-Id: ").append(request.request_id.view());
  out.append("\r\nX-Trace-Id: ").append(request.trace_id.view()).append("\r\n");
  const bool own_policy = !response.content_security_policy.empty();
  out.append(kSecurityFields);
  out.append(own_policy ? response.content_security_policy : kDefaultContentSecurityPolicy).append("\r\n");
  if (request.limit) AppendLimitFields(request, out);
  AppendCorsFields(request, out);
  if (request.secure) out.append("Strict-Transport-Security: max-age=31536000\r\n");

  const std::string_view content_type =
      response.content_type_storage.empty() ? response.content_type : std::string_view(response.content_type_storage);
  if (!content_type.empty()) AppendField("Content-Type", content_type, out);
  if (response.streamed) {
    if (request.head.minor_version >= 1) out.append("Transfer-Encoding: chunked\r\n");
  } else if (HasContentLength(response.status)) {
    out.append("Content-Length: ");
    AppendNumber(response.content_length(), out);
    out.append("\r\n");
  }
  for (const ResponseField& field : response.fields) AppendOwnField(field, out);
  if (close) {
    out.append("Connection: close\r\n");
  } else if (request.head.minor_version == 0) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

}  // namespace portal::http
