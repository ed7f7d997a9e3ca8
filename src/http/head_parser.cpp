#include "http/head_parser.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/ascii.h"
#include "http/head_fields.h"
#include "http/head_syntax.h"

namespace portal::http {

namespace {

using base::ErrorCode;

constexpr std::size_t kMostEmptyLines = 4;

Refusal Bad(std::string detail) { return Refusal{ErrorCode::kBadRequest, std::move(detail)}; }

/// Takes the next line, without its CRLF, off text whose lines all end in CRLF.
std::string_view TakeLine(std::string_view& lines) {
  const std::size_t end = lines.find('\n');
  const std::string_view line = lines.substr(0, end - 1);
  lines.remove_prefix(end + 1);
  return line;
}

constexpr std::string_view kNoVersion = "The request line does not end in an HTTP version";

/// Whether a request line can be one of HTTP/1.x, from its end alone: the version has a fixed length.
bool EndsInVersion(std::string_view line) {
  constexpr std::string_view kBefore = " HTTP/";
  constexpr std::size_t kSize = kBefore.size() + 3;
  return line.size() > kSize && line.substr(line.size() - kSize).starts_with(kBefore);
}

std::optional<Refusal> ReadVersion(std::string_view version, Head& head) {
  constexpr std::string_view kName = "HTTP/";
  const auto digit = [&](std::size_t i) { return version[i] >= '0' && version[i] <= '9'; };
  if (version.size() != kName.size() + 3 || !version.starts_with(kName) || !digit(5) || version[6] != '.' ||
      !digit(7)) {
    return Bad(std::string(kNoVersion));
  }
  if (version[5] != '1')
    return Refusal{ErrorCode::kHttpVersion, "The versions understood here are HTTP/1.1 and HTTP/1.0"};
  head.minor_version = version[7] == '0' ? 0 : 1;
  return std::nullopt;
}

void SplitQuery(std::string_view path_and_query, Head& head) {
  const std::size_t mark = path_and_query.find('?');
  head.path = path_and_query.substr(0, mark);
  if (mark != std::string_view::npos) head.query = path_and_query.substr(mark + 1);
}

/// absolute-form (RFC 9112 §3.2.2): what proxies are sent, and what every server must accept.
std::optional<Refusal> ReadAbsoluteTarget(Head& head) {
  const std::size_t colon = head.target.find("://");
  if (colon == std::string_view::npos) return Bad("The request target is neither a path nor a URL");
  const std::string_view scheme = head.target.substr(0, colon);
  if (!base::EqualsIgnoreCase(scheme, "http") && !base::EqualsIgnoreCase(scheme, "https")) {
    return Bad("The request target's scheme is not http or https");
  }
  const std::string_view rest = head.target.substr(colon + 3);  // authority and what follows
  const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, authority_end);
  if (!IsAuthority(authority)) return Bad("The request target's authority is not a host with an optional port");
  head.host = authority;
  SplitQuery(rest.substr(authority_end), head);
  if (head.path.empty()) {
    const bool whole_server = head.method == Method::kOptions && authority_end == rest.size();
    head.path = whole_server ? "*" : "/";
  }
  return std::nullopt;
}

std::optional<Refusal> ReadTarget(Head& head) {
  if (head.method_token == "CONNECT") {
    if (!IsAuthorityWithPort(head.target)) return Bad("The target of CONNECT is not a host with a port");
    return Refusal{ErrorCode::kNotImplemented, "This is not a proxy: CONNECT is not supported"};
  }
  if (head.target.front() == '/') {
    SplitQuery(head.target, head);
    return std::nullopt;
  }
  if (head.target == "*") {
    if (head.method != Method::kOptions) return Bad("The target * belongs to OPTIONS alone");
    head.path = head.target;
    return std::nullopt;
  }
  return ReadAbsoluteTarget(head);
}

/// The method that a request line begins with, however the line goes on; false when it does not.
bool ReadMethod(std::string_view line, Head& head) {
  const std::size_t end = line.find(' ');
  if (end == std::string_view::npos || !IsToken(line.substr(0, end))) return false;
  head.method_token = line.substr(0, end);
  head.method = ParseMethod(head.method_token);
  return true;
}

/// RFC 9112 §3: exactly one space between the three parts.
std::optional<Refusal> ReadRequestLine(std::string_view line, Head& head) {
  if (!ReadMethod(line, head)) return Bad("The request line does not begin with a method");
  const std::string_view rest = line.substr(head.method_token.size() + 1);
  const std::size_t second = rest.find(' ');
  if (second == std::string_view::npos) return Bad("The request line has no target");
  const std::string_view target = rest.substr(0, second);
  if (!IsTargetText(target)) return Bad("The request target is empty or has a character that must be percent-encoded");
  head.target = target;
  if (auto refusal = ReadVersion(rest.substr(second + 1), head)) return refusal;
  return ReadTarget(head);
}

/// `lines` is a head's complete lines without the empty one. Fills in `head` up to the first fault.
std::optional<Refusal> ReadLines(std::string_view lines, const HeadLimits& limits, Head& head) {
  if (auto refusal = ReadRequestLine(TakeLine(lines), head)) {
    // The fields' own faults do not matter any more, but they may hold the ids to answer with.
    FieldReader reader(head);
    while (!lines.empty() && head.fields.size() < limits.fields && !reader.Take(TakeLine(lines))) continue;
    return refusal;
  }
  FieldReader reader(head);
  while (!lines.empty()) {
    if (head.fields.size() == limits.fields) {
      return Refusal{ErrorCode::kHeadersTooLarge,
                     "The request has more than " + std::to_string(limits.fields) + " headers"};
    }
    if (auto refusal = reader.Take(TakeLine(lines))) return refusal;
  }
  return reader.Finish();
}

}  // namespace

// Looks at line ends only, from front to back, so that the first fault found is the same however the bytes
// were split; what the lines say is read once, when all of them are there.
HeadParser::Verdict HeadParser::FindEnd(std::string_view buffer) {
  const auto oversized = [&](std::size_t line_bytes, std::size_t head_end) -> std::optional<Refusal> {
    if (scan_.in_request_line && line_bytes > limits_.request_line_bytes + 1) {  // 1: the CR
      return Refusal{ErrorCode::kUriTooLong,
                     "The request line is longer than " + std::to_string(limits_.request_line_bytes) + " bytes"};
    }
    if (head_end - scan_.start > limits_.head_bytes) {
      return Refusal{ErrorCode::kHeadersTooLarge,
                     "The request head is larger than " + std::to_string(limits_.head_bytes) + " bytes"};
    }
    return std::nullopt;
  };

  while (scan_.looked < buffer.size()) {
    // Something else than HTTP (a TLS handshake, say) is told so at its first byte.
    if (scan_.in_request_line && scan_.looked == scan_.line && buffer[scan_.line] != '\r' &&
        buffer[scan_.line] != '\n' && !IsTokenChar(buffer[scan_.line])) {
      return Bad("The request line does not begin with a method");
    }
    const void* found = std::memchr(buffer.data() + scan_.looked, '\n', buffer.size() - scan_.looked);
    if (!found) {
      scan_.looked = buffer.size();
      if (auto refusal = oversized(buffer.size() - scan_.line, buffer.size())) return *refusal;
      return NeedMore{};
    }
    const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - buffer.data());
    if (auto refusal = oversized(end - scan_.line, end + 1)) return *refusal;
    if (end == scan_.line || buffer[end - 1] != '\r')
      return Bad("A line of the request head ends without a carriage return");
    const std::string_view line = buffer.substr(scan_.line, end - 1 - scan_.line);
    if (scan_.in_request_line && line.empty() && end + 1 > 2 * kMostEmptyLines) {
      return Bad("There are too many empty lines before the request");
    }
    // A head whose lines end in CR alone looks like one line that goes on into the next request.
    if (scan_.in_request_line && line.find('\r') != std::string_view::npos) {
      return Bad("The request line has a carriage return that ends no line");
    }
    // HTTP/0.9 and other protocols wait for an answer to their first line: no empty one would ever come.
    if (scan_.in_request_line && !line.empty() && !EndsInVersion(line)) return Bad(std::string(kNoVersion));
    scan_.line = scan_.looked = end + 1;
    if (!line.empty()) {
      scan_.in_request_line = false;
    } else if (!scan_.in_request_line) {
      return Complete{end + 1};
    } else {
      scan_.start = end + 1;
    }
  }
  return NeedMore{};
}

HeadParser::Verdict HeadParser::Parse(std::string_view buffer, Head& head) {
  Verdict verdict = FindEnd(buffer);
  if (const auto* complete = std::get_if<Complete>(&verdict)) {
    head.Clear();
    const std::string_view lines = buffer.substr(scan_.start, complete->size_bytes - scan_.start - 2);
    if (auto refusal = ReadLines(lines, limits_, head)) return *std::move(refusal);
  } else if (std::holds_alternative<Refusal>(verdict)) {
    ReadSoFar(buffer, head);
  }
  return verdict;
}

void HeadParser::ReadSoFar(std::string_view buffer, Head& head) const {
  head.Clear();
  const std::string_view whole_lines = buffer.substr(scan_.start, scan_.line - scan_.start);
  // Why the head is refused is known already; whatever these lines say wrong comes second to it.
  if (!whole_lines.empty()) {
    static_cast<void>(ReadLines(whole_lines, limits_, head));
  } else {
    // HEAD is refused without a body, too. No line that is too long is looked at beyond the limit.
    static_cast<void>(ReadMethod(buffer.substr(scan_.line, limits_.request_line_bytes), head));
  }
}

}  // namespace portal::http
