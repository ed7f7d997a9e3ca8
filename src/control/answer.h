#pragma once

#include <functional>
#include <string_view>

#include "http/response.h"

namespace portal::control {

/// Where a streamed answer goes, as it comes into being.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  /// Sends `bytes` before it returns, for as long as the client takes them. False: the client is gone or takes too
  /// little, and so it stays; stop working for it.
  virtual bool Write(std::string_view bytes) = 0;
  /// Whether the client has hung up; asked before work that nobody would see.
  virtual bool gone() = 0;
};

/// What a handler answers: an http::Response, or in place of its body one that is written while it is sent. Date, ids,
/// security headers, `Cache-Control: no-store` and the framing are not its business.
struct Answer : http::Response {
  /// Called once, after the handler has returned and the head is sent, on the same thread. What goes wrong in here has
  /// no status any more: say it in the body. The request lives until then; its body must have been read before.
  std::function<void(AnswerSink&)> stream;
};

/// Done, and there is nothing to show.
inline Answer NoContent() {
  Answer answer;
  answer.status = 204;
  answer.content_type = {};
  return answer;
}

}  // namespace portal::control
