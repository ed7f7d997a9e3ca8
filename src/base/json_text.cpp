#include "base/json_text.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace portal::base {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// 0: goes out as it is; 1: needs escaping; 2: starts or continues a multi-byte sequence.
constexpr std::array<unsigned char, 256> kClass = [] {
  std::array<unsigned char, 256> table{};
  for (int c = 0; c < 256; ++c) table[c] = c < 0x20 || c == '"' || c == '\\' ? 1 : c >= 0x80 ? 2 : 0;
  return table;
}();

/// May eight bytes at `text` go out as they are? Looks at them all at once; errs on the side of no.
bool AreEightPlain(const char* text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::uint64_t word = 0;
  std::memcpy(&word, text, sizeof(word));
  const auto has_zero = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes & kHighBits; };
  const std::uint64_t control = (word - kOnes * 0x20) & ~word;
  return ((word | control) & kHighBits) == 0 && has_zero(word ^ kOnes * '"') == 0 && has_zero(word ^ kOnes * '\\') == 0;
}

/// Length of the well-formed sequence at the start of `text` (RFC 3629 §4), or 0.
std::size_t SequenceLength(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

char* Put(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* PutEscaped(unsigned char c, char* out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  switch (c) {
    case '"':
      return Put("\\\"", out);
    case '\\':
      return Put("\\\\", out);
    case '\n':
      return Put("\\n", out);
    case '\r':
      return Put("\\r", out);
    case '\t':
      return Put("\\t", out);
    default:
      out = Put("\\u00", out);
      *out++ = kDigits[c >> 4];
      *out++ = kDigits[c & 15];
      return out;
  }
}

}  // namespace

char* WriteJsonString(std::string_view text, char* out) {
  const char* from = text.data();
  const char* const end = from + text.size();
  *out++ = '"';
  for (;;) {
    while (end - from >= 8 && AreEightPlain(from)) {
      std::memcpy(out, from, 8);
      from += 8;
      out += 8;
    }
    if (from == end) break;
    // Most texts have no multiple of eight bytes, and nothing to escape in the last eight.
    if (end - from < 8 && text.size() >= 8 && AreEightPlain(end - 8)) {
      std::memcpy(out - (8 - (end - from)), end - 8, 8);
      out += end - from;
      break;
    }
    const auto c = static_cast<unsigned char>(*from);
    if (kClass[c] == 0) {
      *out++ = *from++;
    } else if (kClass[c] == 1) {
      out = PutEscaped(c, out);
      ++from;
    } else if (const std::size_t length = SequenceLength({from, end}); length > 0) {
      out = Put({from, length}, out);
      from += length;
    } else {
      out = Put(kReplacement, out);
      ++from;
    }
  }
  *out++ = '"';
  return out;
}

void AppendJsonString(std::string_view text, std::string& out) {
  const std::size_t start = out.size();
  out.resize(start + MaxJsonStringSize(text.size()));
  const char* const end = WriteJsonString(text, out.data() + start);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

void AppendDecimal(std::int64_t value, std::string& out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  out.append(digits, end);
}

std::size_t ValidUtf8Prefix(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (static_cast<unsigned char>(text[i]) < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = SequenceLength(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return i;
}

}  // namespace portal::base
