#pragma once

#include <string>
#include <variant>

#include "http/head_parser.h"

namespace portal::http::head_text {

/// A verdict in a word, so that two of them can be compared and printed.
inline std::string Describe(const HeadParser::Verdict& verdict) {
  if (std::holds_alternative<NeedMore>(verdict)) return "need more";
  if (const auto* complete = std::get_if<Complete>(&verdict)) return "complete " + std::to_string(complete->size_bytes);
  const auto& refusal = std::get<Refusal>(verdict);
  return "refused " + std::to_string(static_cast<int>(refusal.code)) + ": " + refusal.detail;
}

/// Everything that a head says, likewise.
inline std::string Describe(const Head& head) {
  std::string text = std::string(head.method_token) + '|' + std::string(head.target) + '|' + std::string(head.path) +
                     '|' + std::string(head.query) + '|' + std::to_string(head.minor_version) + '|' +
                     std::string(head.host) + '|' + (head.keep_alive ? "k" : "-") + (head.has_body ? "b" : "-") +
                     (head.chunked ? "c" : "-");
  for (const HeaderField& field : head.fields) text.append("|").append(field.name).append("=").append(field.value);
  return text;
}

/// Heads of one interesting part.
inline std::string With(const std::string& fields) { return "GET /x HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"; }
inline std::string Line(const std::string& line) { return line + "\r\nHost: a\r\n\r\n"; }

}  // namespace portal::http::head_text
