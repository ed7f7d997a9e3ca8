// What http::HeadParser promises, for any bytes: the verdict and the head do not depend on how the bytes were
// split or on what follows them, and an accepted head says what its lines say and nothing else.
//
// Input: a byte of choices, a byte from which the splits are derived, the bytes of the connection.

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "base/json_text.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "http/head_parser.h"
#include "http/problem.h"

namespace portal::fuzz {
namespace {

using http::Head;
using http::HeadLimits;
using http::HeadParser;

/// Small enough for a fuzzer to reach them all.
constexpr HeadLimits kSmallLimits{64, 192, 6};

constexpr const char* kMore = "more";

/// A verdict and its head as text, so that they outlive the bytes and can be compared.
struct Outcome {
  std::string verdict{kMore};
  std::size_t size_bytes = 0;  ///< of a complete head
  std::string head;

  bool operator==(const Outcome&) const = default;
};

std::string Describe(const Head& head) {
  std::string text = std::string(http::ToText(head.method)) + '\n' + std::string(head.method_token) + '\n' +
                     std::string(head.target) + '\n' + std::string(head.path) + '\n' + std::string(head.query) + '\n' +
                     std::to_string(head.minor_version) + '\n' + std::string(head.host) + '\n' +
                     (head.keep_alive ? 'k' : '-') + (head.has_body ? 'b' : '-') + (head.chunked ? 'c' : '-');
  for (const http::HeaderField& field : head.fields)
    text.append("\n").append(field.name).append(":").append(field.value);
  return text;
}

void RequireInside(std::string_view view, std::string_view buffer, std::string_view property) {
  if (view.empty()) return;
  Require(view.data() >= buffer.data() && view.data() + view.size() <= buffer.data() + buffer.size(), property);
  Require(view.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos, "no view holds CR, LF or NUL");
}

void RequireViewsInside(const Head& head, std::string_view buffer) {
  RequireInside(head.method_token, buffer, "the method is a view into the buffer");
  RequireInside(head.target, buffer, "the target is a view into the buffer");
  RequireInside(head.query, buffer, "the query is a view into the buffer");
  RequireInside(head.host, buffer, "the host is a view into the buffer");
  if (head.path != "/" && head.path != "*") RequireInside(head.path, buffer, "the path is a view into the buffer");
  for (const http::HeaderField& field : head.fields) {
    RequireInside(field.name, buffer, "a name is a view into the buffer");
    RequireInside(field.value, buffer, "a value is a view into the buffer");
  }
}

std::vector<std::string_view> Values(const Head& head, std::string_view name) {
  std::vector<std::string_view> values;
  for (const http::HeaderField& field : head.fields) {
    if (base::EqualsIgnoreCase(field.name, name)) values.push_back(field.value);
  }
  return values;
}

std::string_view Trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool HasOption(const std::vector<std::string_view>& lists, std::string_view wanted) {
  for (const std::string_view list : lists) {
    for (std::size_t begin = 0; begin <= list.size();) {
      const std::size_t end = std::min(list.find(',', begin), list.size());
      if (base::EqualsIgnoreCase(Trim(list.substr(begin, end - begin)), wanted)) return true;
      begin = end + 1;
    }
  }
  return false;
}

/// The head's lines without their CRLF, after empty lines and without the one that ends it.
std::vector<std::string_view> Lines(std::string_view raw) {
  std::vector<std::string_view> lines;
  while (raw.starts_with("\r\n")) raw.remove_prefix(2);
  while (!raw.empty()) {
    const std::size_t end = raw.find("\r\n");
    Require(end != std::string_view::npos, "every line of an accepted head ends in CRLF");
    lines.push_back(raw.substr(0, end));
    raw.remove_prefix(end + 2);
  }
  Require(!lines.empty() && lines.back().empty(), "an accepted head ends in an empty line");
  lines.pop_back();
  return lines;
}

/// Nothing was lost, invented or reordered: every line says what the head says.
void RequireSameAsLines(const Head& head, std::string_view raw, const HeadLimits& limits) {
  const auto lines = Lines(raw);
  Require(lines.size() == head.fields.size() + 1, "a field for every line, a line for every field");
  const std::string request_line = std::string(head.method_token) + ' ' + std::string(head.target) + " HTTP/1.";
  Require(lines[0].size() == request_line.size() + 1 && lines[0].starts_with(request_line),
          "the request line is method, target and version");
  Require((lines[0].back() == '0') == (head.minor_version == 0), "the version is that of the request line");
  Require(lines[0].size() <= limits.request_line_bytes, "the request line's limit is kept");
  Require(head.fields.size() <= limits.fields, "the limit of fields is kept");
  std::size_t head_bytes = 2;
  for (const std::string_view line : lines) head_bytes += line.size() + 2;
  Require(head_bytes <= limits.head_bytes, "the head's limit is kept");
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    const auto& [name, value] = head.fields[i];
    const std::string_view line = lines[i + 1];
    Require(line.starts_with(name) && line.substr(name.size()).starts_with(':'), "a line begins with name and colon");
    Require(value == Trim(line.substr(name.size() + 1)), "a value is its line's rest without surrounding blanks");
    Require(std::none_of(name.begin(), name.end(), [](char c) { return c <= ' ' || c >= 0x7f || c == ':'; }),
            "a name is visible ASCII without a colon");
  }
}

/// RFC 9112 §§3.2, 6.3, 9.3, read off the fields once more.
void RequireConclusions(const Head& head) {
  const auto hosts = Values(head, "Host");
  Require(hosts.size() == 1 || (hosts.empty() && head.minor_version == 0), "one Host, or none in HTTP/1.0");
  const bool absolute = !head.target.starts_with('/') && head.target != "*";
  if (!absolute) Require(head.host == (hosts.empty() ? std::string_view{} : hosts[0]), "the host is the Host field's");
  Require(!head.host.empty() || head.minor_version == 0, "a host in HTTP/1.1");
  Require(head.host.find_first_of(" \t/?#@\\\"<>") == std::string_view::npos, "the host is an authority");

  const auto lengths = Values(head, "Content-Length");
  const auto codings = Values(head, "Transfer-Encoding");
  Require(lengths.size() + codings.size() <= 1, "one way of framing at most");
  bool has_body = false;
  if (!lengths.empty()) {
    Require(!lengths[0].empty() && lengths[0].find_first_not_of("0123456789") == std::string_view::npos,
            "Content-Length is digits");
    has_body = lengths[0].find_first_not_of('0') != std::string_view::npos;
  }
  if (!codings.empty()) {
    Require(base::EqualsIgnoreCase(codings[0], "chunked") && head.minor_version == 1,
            "chunked alone, in HTTP/1.1 alone");
    has_body = true;
  }
  Require(head.chunked == !codings.empty(), "chunked is what Transfer-Encoding says");
  Require(head.has_body == has_body, "has_body is what the framing says");

  const auto options = Values(head, "Connection");
  const bool persistent = head.minor_version == 1 || HasOption(options, "keep-alive");
  Require(head.keep_alive == (persistent && !HasOption(options, "close")), "keep_alive is what Connection says");

  if (head.path == "*") {
    Require(head.method == http::Method::kOptions && head.query.empty(), "* belongs to OPTIONS");
    Require(absolute || head.target == "*", "* stands for a bare URL or itself");
  } else {
    Require(head.path.starts_with('/') && head.path.find('?') == std::string_view::npos, "a path begins with a slash");
    std::string path_and_query(head.path);
    if (!head.query.empty()) path_and_query.append("?").append(head.query);
    if (!absolute) {
      Require(head.target == path_and_query || head.target == path_and_query + '?', "target is path and query");
    }
  }
}

void RequireSoundRefusal(const http::Refusal& refusal) {
  constexpr std::array kStatuses = {400, 408, 411, 413, 414, 417, 431, 501, 505};
  Require(std::find(kStatuses.begin(), kStatuses.end(), http::ProblemFor(refusal.code).status) != kStatuses.end(),
          "a refusal has one of the statuses of a refused head");
  Require(!refusal.detail.empty() && base::IsValidUtf8(refusal.detail), "a refusal says why, as text");
}

/// What the parser says of `buffer`, checked for what holds by itself.
Outcome Look(HeadParser& parser, std::string_view buffer, const HeadLimits& limits, Head& head) {
  const auto verdict = parser.Parse(buffer, head);
  if (std::holds_alternative<http::NeedMore>(verdict)) {
    parser.ReadSoFar(buffer, head);
    RequireViewsInside(head, buffer);
    return {kMore, 0, Describe(head)};
  }
  RequireViewsInside(head, buffer);
  if (const auto* refusal = std::get_if<http::Refusal>(&verdict)) {
    RequireSoundRefusal(*refusal);
    return {std::to_string(http::ProblemFor(refusal->code).status) + refusal->detail, 0, Describe(head)};
  }
  const std::size_t size = std::get<http::Complete>(verdict).size_bytes;
  Require(size <= buffer.size(), "a complete head is not larger than the buffer");
  RequireSameAsLines(head, buffer.substr(0, size), limits);
  RequireConclusions(head);
  return {"complete", size, Describe(head)};
}

/// The same bytes arrive in pieces, as `next_piece` sizes them, into a buffer that grows and moves.
template <typename NextPiece>
Outcome LookAtPieces(std::string_view bytes, const HeadLimits& limits, NextPiece next_piece) {
  HeadParser parser(limits);
  Head head;
  Outcome outcome;
  for (std::size_t arrived = 0; arrived < bytes.size() && outcome.verdict == kMore;) {
    arrived = std::min(bytes.size(), arrived + next_piece());
    // Of its own size, so that a read past the end or of an older buffer is seen.
    std::unique_ptr<char[]> copy(new char[arrived]);
    std::copy_n(bytes.data(), arrived, copy.get());
    outcome = Look(parser, {copy.get(), arrived}, limits, head);
  }
  return outcome;
}

void Test(Input input) {
  const HeadLimits limits = input.Flag() ? kSmallLimits : HeadLimits{};
  std::uint32_t seed = input.Byte();
  const std::string bytes(input.Rest());
  if (bytes.empty()) return;

  HeadParser parser(limits);
  Head head;
  const Outcome whole = Look(parser, bytes, limits, head);

  const auto some = [&seed]() -> std::size_t {
    seed = seed * 1664525 + 1013904223;
    return 1 + (seed >> 24) % 40;
  };
  Require(LookAtPieces(bytes, limits, some) == whole, "the outcome does not depend on where the bytes were split");
  constexpr std::size_t kMostSingleBytes = 512;
  if (bytes.size() <= kMostSingleBytes) {
    Require(LookAtPieces(bytes, limits, [] { return std::size_t{1}; }) == whole,
            "the outcome is the same when every byte comes alone");
  }

  if (whole.size_bytes == 0) return;
  parser.Reset();
  const std::string alone = bytes.substr(0, whole.size_bytes);
  Require(Look(parser, alone, limits, head) == whole, "what follows a complete head does not change it");
  parser.Reset();
  Require(Look(parser, alone + std::string(300, '\n'), limits, head) == whole, "anything may follow a complete head");
}

}  // namespace
}  // namespace portal::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portal::fuzz::Test({data, size});
  return 0;
}
