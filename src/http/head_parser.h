#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "http/head.h"

namespace portal::http {

struct HeadLimits {
  std::size_t request_line_bytes = 8 * 1024;  ///< beyond: 414
  std::size_t head_bytes = 32 * 1024;         ///< beyond: 431
  std::size_t fields = 100;                   ///< beyond: 431
};

/// The head is not complete; `Parse` again with more bytes appended.
struct NeedMore {};

/// The head cannot be served. Answer with this problem, then close: where the next request would start
/// is no longer certain. `head` holds what was understood before (for the trace id and the log).
struct Refusal {
  base::ErrorCode code;
  std::string detail;
};

/// A complete, valid head is in `head`; it took this many bytes of the buffer.
struct Complete {
  std::size_t size_bytes;
};

/// Strict request-head parser after RFC 9112 §§2–6 and RFC 9110 §5. Pure: bytes in, verdict out; keeps
/// only how far it has looked, so that a head that arrives byte by byte costs linear time. The verdict does
/// not depend on how the bytes were split. Empty lines before the request line are skipped (§2.2).
/// Not thread-safe; one per connection.
class HeadParser {
 public:
  explicit HeadParser(HeadLimits limits = {}) : limits_(limits) {}

  using Verdict = std::variant<NeedMore, Refusal, Complete>;

  /// `buffer` starts at the first byte of the request; between calls it may grow and move, but not change.
  /// On Complete and on Refusal, `head` views into it. After either, `Reset` comes before the next `Parse`.
  Verdict Parse(std::string_view buffer, Head& head);

  /// What the whole lines say of a head that will not be completed, for the ids and the log of its refusal; of
  /// its method also what half a line says. `buffer` as in the last `Parse`, which returned NeedMore.
  void ReadSoFar(std::string_view buffer, Head& head) const;

  /// Before the next request on the connection.
  void Reset() { scan_ = {}; }

 private:
  struct Scan {
    std::size_t start = 0;        // of the request line, after empty lines
    std::size_t line = 0;         // start of the line that is not complete yet
    std::size_t looked = 0;       // before here there is no LF that was not handled
    bool in_request_line = true;  // or before it
  };
  Verdict FindEnd(std::string_view buffer);

  HeadLimits limits_;
  Scan scan_;
};

}  // namespace portal::http
