#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "http/method.h"

namespace portal::http {

struct HeaderField {
  std::string_view name;   ///< as received
  std::string_view value;  ///< without surrounding white space
};

/// A request head as `HeadParser` accepted it: syntactically valid, every singleton field at most once.
/// Views into the connection's buffer; valid as long as those bytes are.
struct Head {
  Method method = Method::kOther;
  std::string_view method_token;
  std::string_view target;  ///< as received
  /// origin-form: `target` up to `?`; absolute-form: its path (`/` if empty); `*` for asterisk-form and for
  /// what it stands in for, OPTIONS of an absolute-form without path and query (RFC 9112 §3.2.4)
  std::string_view path;
  std::string_view query;  ///< after `?`, without it; empty also when there is none
  int minor_version = 1;   ///< HTTP/1.x
  std::string_view host;   ///< authority to answer for: of an absolute-form target, else Host; may be empty in 1.0
  bool keep_alive = true;  ///< by version and `Connection`
  bool has_body = false;   ///< a well-formed body follows; the data plane answers without reading it, then closes
  bool chunked = false;    ///< that body's length is not declared
  std::optional<std::uint64_t> content_length;  ///< as declared; nullopt when absent
  std::vector<HeaderField> fields;              ///< in order

  /// The first field of that name (ASCII case-insensitive), or nullopt.
  std::optional<std::string_view> Find(std::string_view name) const;

  /// Back to a fresh head; keeps the room that `fields` has.
  void Clear();
};

}  // namespace portal::http
