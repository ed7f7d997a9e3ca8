#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/head.h"
#include "http/head_parser.h"

namespace portal::http {

/// Takes the field lines of one head in order, then draws the conclusions that need all of them: which
/// host is meant, whether a body follows, whether the connection lives on (RFC 9112 §§3.2, 5, 6 and 9.3).
/// Fills in `head`; its version must be known already.
class FieldReader {
 public:
  explicit FieldReader(Head& head) : head_(head) {}

  /// One line without its CRLF. Nullopt when it is well-formed and allowed here.
  std::optional<Refusal> Take(std::string_view line);

  /// After the last line. Nullopt when the head as a whole can be served.
  std::optional<Refusal> Finish();

 private:
  std::optional<Refusal> Note(std::string_view name, std::string_view value);
  std::optional<Refusal> NoteOnce(std::uint32_t field, std::string_view name);
  void NoteConnection(std::string_view value);
  std::optional<Refusal> NoteTransferEncoding(std::string_view value);
  std::optional<Refusal> NoteContentLength(std::string_view value);
  std::optional<Refusal> NoteExpect(std::string_view value) const;

  Head& head_;
  std::uint32_t seen_ = 0;  // one bit a singleton field
  std::string_view host_;
  bool wants_close_ = false;
  bool wants_keep_alive_ = false;
  bool unknown_coding_ = false;
};

}  // namespace portal::http
