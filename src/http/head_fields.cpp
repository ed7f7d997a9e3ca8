#include "http/head_fields.h"

#include <string>

#include "base/ascii.h"
#include "http/head_syntax.h"

namespace portal::http {

namespace {

// The fields that may come only once: two of them are either an attack or a broken proxy, and whichever
// one was picked, somebody else on the way may have picked the other. Expect and Connection are lists.
constexpr std::uint32_t kHost = 1u << 0;
constexpr std::uint32_t kContentLength = 1u << 1;
constexpr std::uint32_t kTransferEncoding = 1u << 2;
constexpr std::uint32_t kExpect = 1u << 3;
constexpr std::uint32_t kAuthorization = 1u << 4;
constexpr std::uint32_t kContentType = 1u << 5;
constexpr std::uint32_t kRange = 1u << 6;
constexpr std::uint32_t kIfRange = 1u << 7;
constexpr std::uint32_t kIfModifiedSince = 1u << 8;
constexpr std::uint32_t kIfUnmodifiedSince = 1u << 9;
constexpr std::uint32_t kOrigin = 1u << 10;
constexpr std::uint32_t kReferer = 1u << 11;
constexpr std::uint32_t kUserAgent = 1u << 12;
constexpr std::uint32_t kConnection = 1u << 13;
constexpr std::uint32_t kDate = 1u << 14;
constexpr std::uint32_t kFrom = 1u << 15;
constexpr std::uint32_t kMaxForwards = 1u << 16;
constexpr std::uint32_t kContentRange = 1u << 17;
constexpr std::uint32_t kContentLocation = 1u << 18;
constexpr std::uint32_t kProxyAuthorization = 1u << 19;

std::uint32_t If(std::string_view name, std::string_view known, std::uint32_t field) {
  return base::EqualsIgnoreCase(name, known) ? field : 0;
}

/// Which of the fields above a name is; 0 for all others, mostly decided by its length alone.
std::uint32_t Classify(std::string_view name) {
  switch (name.size()) {
    case 4:
      return If(name, "host", kHost) | If(name, "date", kDate) | If(name, "from", kFrom);
    case 5:
      return If(name, "range", kRange);
    case 6:
      return If(name, "origin", kOrigin) | If(name, "expect", kExpect);
    case 7:
      return If(name, "referer", kReferer);
    case 8:
      return If(name, "if-range", kIfRange);
    case 10:
      return If(name, "connection", kConnection) | If(name, "user-agent", kUserAgent);
    case 12:
      return If(name, "content-type", kContentType) | If(name, "max-forwards", kMaxForwards);
    case 13:
      return If(name, "authorization", kAuthorization) | If(name, "content-range", kContentRange);
    case 14:
      return If(name, "content-length", kContentLength);
    case 16:
      return If(name, "content-location", kContentLocation);
    case 17:
      return If(name, "transfer-encoding", kTransferEncoding) | If(name, "if-modified-since", kIfModifiedSince);
    case 19:
      return If(name, "if-unmodified-since", kIfUnmodifiedSince) | If(name, "proxy-authorization", kProxyAuthorization);
    default:
      return 0;
  }
}

Refusal Bad(std::string detail) { return Refusal{base::ErrorCode::kBadRequest, std::move(detail)}; }

}  // namespace

std::optional<Refusal> FieldReader::Take(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return Bad("Header lines must not be folded");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return Bad("A header line has no colon");
  const std::string_view name = line.substr(0, colon);
  if (!IsToken(name)) return Bad("A header name is empty or has a character that is not allowed");
  const std::string_view value = TrimBlanks(line.substr(colon + 1));
  if (!IsFieldValue(value)) return Bad("A header value has a control character");
  head_.fields.push_back({name, value});
  return Note(name, value);
}

std::optional<Refusal> FieldReader::Note(std::string_view name, std::string_view value) {
  const std::uint32_t field = Classify(name);
  if (field == 0) return std::nullopt;
  if (field == kConnection) {
    NoteConnection(value);
    return std::nullopt;
  }
  if (field == kExpect) return NoteExpect(value);
  if (auto refusal = NoteOnce(field, name)) return refusal;
  switch (field) {
    case kHost:
      host_ = value;
      return std::nullopt;
    case kContentLength:
      return NoteContentLength(value);
    case kTransferEncoding:
      return NoteTransferEncoding(value);
    default:
      return std::nullopt;
  }
}

std::optional<Refusal> FieldReader::NoteOnce(std::uint32_t field, std::string_view name) {
  if ((seen_ & field) != 0) return Bad("The header " + std::string(name) + " must not be repeated");
  seen_ |= field;
  return std::nullopt;
}

void FieldReader::NoteConnection(std::string_view value) {
  for (bool more = true; more;) {
    const std::string_view option = TakeListMember(value, more);
    wants_close_ |= base::EqualsIgnoreCase(option, "close");
    wants_keep_alive_ |= base::EqualsIgnoreCase(option, "keep-alive");
  }
}

std::optional<Refusal> FieldReader::NoteContentLength(std::string_view value) {
  const auto length = ParseContentLength(value);
  if (!length) return Bad("Content-Length is not a single decimal number");
  head_.content_length = length;
  if (*length > 0) head_.has_body = true;
  return std::nullopt;
}

std::optional<Refusal> FieldReader::NoteTransferEncoding(std::string_view value) {
  bool chunked = false;
  for (bool more = true; more;) {
    const std::string_view member = TakeListMember(value, more);
    const std::string_view coding = TrimBlanks(member.substr(0, member.find(';')));
    if (!IsToken(coding)) return Bad("Transfer-Encoding is malformed");
    if (chunked) return Bad("In Transfer-Encoding, chunked must come once and last");
    chunked = base::EqualsIgnoreCase(coding, "chunked");
    unknown_coding_ |= !chunked || coding.size() != member.size();
  }
  head_.has_body = head_.chunked = true;
  return std::nullopt;
}

std::optional<Refusal> FieldReader::NoteExpect(std::string_view value) const {
  // RFC 9110 §10.1.1: a 1.0 client cannot mean it.
  if (head_.minor_version == 0) return std::nullopt;
  for (bool more = true; more;) {
    const std::string_view expectation = TakeListMember(value, more);
    if (!expectation.empty() && !base::EqualsIgnoreCase(expectation, "100-continue")) {
      return Refusal{base::ErrorCode::kExpectationFailed, "The only expectation that can be met is 100-continue"};
    }
  }
  return std::nullopt;
}

std::optional<Refusal> FieldReader::Finish() {
  head_.keep_alive = !wants_close_ && (head_.minor_version >= 1 || wants_keep_alive_);
  if ((seen_ & kHost) == 0) {
    if (head_.minor_version >= 1) return Bad("The Host header is missing");
  } else if (!IsAuthority(host_) && !(host_.empty() && head_.minor_version == 0)) {
    return Bad("The Host header is not a host with an optional port");
  }
  if (head_.host.empty()) head_.host = host_;

  if ((seen_ & kTransferEncoding) != 0) {
    if ((seen_ & kContentLength) != 0) return Bad("Transfer-Encoding and Content-Length exclude each other");
    if (head_.minor_version == 0) return Bad("HTTP/1.0 has no Transfer-Encoding");
    if (unknown_coding_) {
      return Refusal{base::ErrorCode::kNotImplemented, "The only transfer coding that is understood is chunked"};
    }
  }
  return std::nullopt;
}

}  // namespace portal::http
