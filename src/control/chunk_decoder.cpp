#include "control/chunk_decoder.h"

#include <algorithm>

#include "http/head_syntax.h"

namespace portal::control {

namespace {

constexpr std::size_t kMaxDigits = 15;  // 60 bits: more than any disk
constexpr std::size_t kMaxLineBytes = 256;
constexpr std::size_t kMaxTrailerBytes = 8 * 1024;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsVisible(char c) { return c == ' ' || c == '\t' || (c > 0x20 && c < 0x7f); }

}  // namespace

/// One byte of the framing. False: it does not belong there.
bool ChunkDecoder::Take(char c) {
  switch (state_) {
    case State::kSize: {
      const int digit = HexDigit(c);
      if (digit >= 0) {
        size_ = size_ * 16 + static_cast<std::uint64_t>(digit);
        return ++digits_ <= kMaxDigits;
      }
      if (digits_ == 0) return false;
      if (c == '\r') state_ = State::kSizeLf;
      if (c == ';') state_ = State::kExtension;
      return c == '\r' || c == ';';
    }
    case State::kExtension:
      if (c == '\r') state_ = State::kSizeLf;
      return c == '\r' || (IsVisible(c) && ++overhead_ <= kMaxLineBytes);
    case State::kSizeLf:
      state_ = size_ > 0 ? State::kData : State::kTrailerStart;
      overhead_ = 0;
      return c == '\n';
    case State::kDataCr:
      state_ = State::kDataLf;
      return c == '\r';
    case State::kDataLf:
      state_ = State::kSize;
      size_ = 0;
      digits_ = 0;
      return c == '\n';
    case State::kTrailerStart:
      trailer_has_colon_ = false;
      state_ = c == '\r' ? State::kLastLf : State::kTrailer;
      return c == '\r' || (http::IsTokenChar(c) && ++overhead_ <= kMaxTrailerBytes);
    case State::kTrailer:
      if (++overhead_ > kMaxTrailerBytes) return false;
      if (c == '\r') {
        state_ = State::kTrailerLf;
        return trailer_has_colon_;
      }
      if (trailer_has_colon_) return http::IsFieldValue(std::string_view(&c, 1));
      trailer_has_colon_ = c == ':';
      return trailer_has_colon_ || http::IsTokenChar(c);
    case State::kTrailerLf:
      state_ = State::kTrailerStart;
      return c == '\n';
    case State::kLastLf:
      return c == '\n';
    case State::kData:
      break;
  }
  return false;
}

ChunkDecoder::Step ChunkDecoder::Next(std::string_view input) {
  for (std::size_t at = 0; at < input.size(); ++at) {
    if (state_ == State::kData) {
      const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(size_, input.size() - at));
      size_ -= length;
      if (size_ == 0) state_ = State::kDataCr;
      return {Verdict::kData, at + length, input.substr(at, length)};
    }
    const bool is_last = state_ == State::kLastLf;
    if (!Take(input[at])) return {Verdict::kBad, at};
    if (is_last) return {Verdict::kEnd, at + 1};
  }
  return {Verdict::kMore, input.size()};
}

}  // namespace portal::control
