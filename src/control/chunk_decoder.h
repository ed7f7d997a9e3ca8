#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace portal::control {

/// Takes the chunked coding off (RFC 9112 §7.1), strictly: lines end with CRLF and nothing else, sizes are hex digits
/// that fit 63 bits, extensions are visible text, trailers are well-formed fields; extensions and trailers are dropped.
/// What it lets through, no other server reads differently. Not thread-safe.
class ChunkDecoder {
 public:
  enum class Verdict : std::uint8_t { kMore, kData, kEnd, kBad };
  struct Step {
    Verdict verdict;
    std::size_t consumed = 0;  ///< of the input
    std::string_view data{};   ///< of kData: a piece of the body within the input
  };

  /// Looks at `input`, which is not empty, and says what it begins with. kMore: all of it was consumed and more is
  /// needed. After kEnd and kBad there is nothing more to ask.
  Step Next(std::string_view input);

 private:
  enum class State : std::uint8_t {
    kSize,       // digits
    kExtension,  // after `;`
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailerStart,
    kTrailer,
    kTrailerLf,
    kLastLf,
  };
  bool Take(char c);

  State state_ = State::kSize;
  std::uint64_t size_ = 0;  // of the chunk, then what is left of it
  std::size_t digits_ = 0;
  std::size_t overhead_ = 0;  // bytes of this line, or of all trailers
  bool trailer_has_colon_ = false;
};

}  // namespace portal::control
