#include "control/body.h"

#include <algorithm>

#include "base/ascii.h"

namespace portal::control {

namespace {

using base::ErrorCode;
using base::Fail;

// What a client has sent before it could know the answer, a usual JSON text; more costs less by a new connection.
constexpr std::uint64_t kMaxDiscard = 64 * 1024;

bool ExpectsContinue(const http::Head& head) {
  const auto expect = head.minor_version >= 1 ? head.Find("Expect") : std::nullopt;
  return expect && base::EqualsIgnoreCase(*expect, "100-continue");
}

auto TooLarge(std::uint64_t max_bytes) {
  return Fail(ErrorCode::kPayloadTooLarge,
              "The body is larger than the " + std::to_string(max_bytes) + " bytes that are allowed here");
}

}  // namespace

Body::Body(const http::Head& head, BodySource& source)
    : source_(source), declared_(head.content_length), left_(head.content_length.value_or(0)) {
  if (head.chunked) chunks_.emplace();
  whole_ = !head.has_body;
  continue_expected_ = head.has_body && ExpectsContinue(head);
}

base::Result<std::string_view> Body::Next() {
  auto some = source_.Peek();
  if (some && some->empty()) return Fail(ErrorCode::kBadRequest, "The body ended before its declared end");
  return some;
}

base::Status Body::Read(std::uint64_t max_bytes, Sink sink) {
  if (!declared_ && !chunks_) {
    return Fail(ErrorCode::kLengthRequired, "This request needs a body: send it with Content-Length or chunked");
  }
  if (declared_ && *declared_ > max_bytes) return TooLarge(max_bytes);
  begun_ = true;
  if (continue_expected_ && !source_.SayContinue()) {
    return Fail(ErrorCode::kBadRequest, "The client is gone before its body");
  }
  continue_expected_ = false;
  return chunks_ ? ReadChunked(max_bytes, sink) : ReadDeclared(sink);
}

base::Status Body::ReadDeclared(Sink sink) {
  while (left_ > 0) {
    const auto some = Next();
    if (!some) return Fail(some.error());
    const auto taken = some->substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, some->size())));
    if (auto stored = sink(taken); !stored) return stored;
    source_.Consume(taken.size());
    left_ -= taken.size();
  }
  whole_ = true;
  return {};
}

base::Status Body::ReadChunked(std::uint64_t max_bytes, Sink sink) {
  while (true) {
    const auto some = Next();
    if (!some) return Fail(some.error());
    const ChunkDecoder::Step step = chunks_->Next(*some);
    switch (step.verdict) {
      case ChunkDecoder::Verdict::kBad:
        return Fail(ErrorCode::kBadRequest, "The body's chunks are malformed (RFC 9112, section 7.1)");
      case ChunkDecoder::Verdict::kData:
        if (step.data.size() > max_bytes) return TooLarge(max_bytes);
        max_bytes -= step.data.size();
        if (auto stored = sink(step.data); !stored) return stored;
        break;
      case ChunkDecoder::Verdict::kMore:
        break;
      case ChunkDecoder::Verdict::kEnd:
        source_.Consume(step.consumed);
        whole_ = true;
        return {};
    }
    source_.Consume(step.consumed);
  }
}

base::Result<std::string> Body::Read(std::uint64_t max_bytes) {
  std::string text;
  auto read = Read(max_bytes, [&](std::string_view piece) -> base::Status {
    text.append(piece);
    return {};
  });
  if (!read) return Fail(std::move(read).error());
  return text;
}

bool Body::Discard() {
  if (whole_) return true;
  if (begun_ || continue_expected_ || !declared_ || *declared_ > kMaxDiscard) return false;
  return Read(kMaxDiscard, [](std::string_view) -> base::Status { return {}; }).has_value();
}

}  // namespace portal::control
