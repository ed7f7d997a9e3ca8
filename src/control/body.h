#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/function_ref.h"
#include "base/result.h"
#include "control/chunk_decoder.h"
#include "http/head.h"

namespace portal::control {

/// The bytes of a connection that come after a request's head.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// Bytes that have come and were not consumed yet; waits for some where there are none. Empty: the client has ended
  /// the stream. kRequestTimeout: it sends too slowly.
  virtual base::Result<std::string_view> Peek() = 0;
  virtual void Consume(std::size_t bytes) = 0;
  /// Tells a client that waits for it to send its body (RFC 9110 §10.1.1). False: it is gone.
  virtual bool SayContinue() = 0;
};

/// The body of one request: framed by RFC 9112 §6, read at most once, never more of it than is asked for. A client
/// that expects `100 Continue` hears it with the first read only, so that what is refused before costs it nothing.
/// Not thread-safe.
class Body {
 public:
  using Sink = base::FunctionRef<base::Status(std::string_view)>;

  /// `source` is borrowed; it begins with the body's first byte.
  Body(const http::Head& head, BodySource& source);

  /// As declared; nullopt: there is no body, or a chunked one.
  std::optional<std::uint64_t> declared_bytes() const { return declared_; }

  /// Pushes all of it into `sink`, in pieces, none of them empty. kPayloadTooLarge beyond `max_bytes`, where its length
  /// is declared before a byte of it is read; kLengthRequired where there is neither length nor chunks; kBadRequest
  /// where it ends early or its chunks are malformed; kRequestTimeout; or what `sink` says. On an error `sink` may have
  /// got a part: apply nothing of it. REQUIRES: was not read before.
  base::Status Read(std::uint64_t max_bytes, Sink sink);

  /// All of it, as a text.
  base::Result<std::string> Read(std::uint64_t max_bytes);

  /// Reads and drops what nobody has asked for, where that is little and already on its way. False: the next request's
  /// start is unknown, and the connection must end after its answer.
  bool Discard();

 private:
  base::Status ReadDeclared(Sink sink);
  base::Status ReadChunked(std::uint64_t max_bytes, Sink sink);
  base::Result<std::string_view> Next();

  BodySource& source_;
  std::optional<std::uint64_t> declared_;
  std::uint64_t left_ = 0;  // of a declared length
  std::optional<ChunkDecoder> chunks_;
  bool continue_expected_ = false;
  bool begun_ = false;
  bool whole_ = false;  // its end has been seen
};

}  // namespace portal::control
