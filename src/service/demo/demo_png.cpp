#include "service/demo/demo_png.h"

#include <bit>
#include <cstdint>
#include <string_view>

#include "crypto/crc32.h"

namespace portal::service {
namespace {

void AppendBigEndian(std::uint32_t value, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

void AppendChunk(std::string_view type, std::string_view data, std::string& out) {
  AppendBigEndian(static_cast<std::uint32_t>(data.size()), out);
  const std::size_t start = out.size();
  out.append(type).append(data);
  AppendBigEndian(crypto::Crc32(std::string_view(out).substr(start)), out);
}

/// One block of RFC 1951 with the fixed codes of §3.2.6, whose only matches repeat the byte before: enough
/// for drawings, where a row mostly equals the one above it.
class RunLengthDeflater {
 public:
  static std::string Compress(std::string_view bytes) {
    RunLengthDeflater deflater;
    deflater.Bits(0b011, 3);  // last block, fixed codes
    for (std::size_t i = 0; i < bytes.size();) {
      deflater.Literal(static_cast<unsigned char>(bytes[i]));
      std::size_t end = bytes.find_first_not_of(bytes[i], i + 1);
      if (end == std::string_view::npos) end = bytes.size();
      std::size_t repeats = end - i - 1;
      while (repeats >= 3) {
        const std::size_t length = repeats < kLongest ? repeats : kLongest;
        deflater.RepeatLast(static_cast<std::uint32_t>(length));
        repeats -= length;
      }
      for (; repeats > 0; --repeats) deflater.Literal(static_cast<unsigned char>(bytes[i]));
      i = end;
    }
    deflater.Code(0, 7);  // end of block
    deflater.Bits(0, 7);  // up to the next whole byte
    return std::move(deflater.out_);
  }

 private:
  static constexpr std::size_t kLongest = 258;

  void Bits(std::uint32_t value, int count) {
    pending_ |= value << pending_bits_;
    for (pending_bits_ += count; pending_bits_ >= 8; pending_bits_ -= 8, pending_ >>= 8) {
      out_ += static_cast<char>(pending_);
    }
  }
  /// Huffman codes alone go in with their highest bit first.
  void Code(std::uint32_t code, int length) {
    for (int bit = length - 1; bit >= 0; --bit) Bits(code >> bit & 1, 1);
  }
  void Literal(std::uint32_t byte) { byte < 144 ? Code(0x30 + byte, 8) : Code(0x190 + byte - 144, 9); }
  void RepeatLast(std::uint32_t length) {
    // §3.2.5: lengths 3 to 10 have codes 257 to 264, from there on four codes share a number of extra bits,
    // but 258 has code 285 for itself.
    std::uint32_t symbol = 254 + length;
    int extra_bits = 0;
    const std::uint32_t offset = length - 3;
    if (length == kLongest) {
      symbol = 285;
    } else if (length > 10) {
      extra_bits = std::bit_width(offset) - 3;
      symbol = 257 + 4 * static_cast<std::uint32_t>(extra_bits) + (offset >> extra_bits);
    }
    symbol < 280 ? Code(symbol - 256, 7) : Code(0xC0 + symbol - 280, 8);
    if (extra_bits > 0) Bits(offset & ((1u << extra_bits) - 1), extra_bits);
    Code(0, 5);  // distance 1
  }

  std::string out_;
  std::uint32_t pending_ = 0;
  int pending_bits_ = 0;
};

std::uint32_t Adler32(std::string_view bytes) {
  std::uint32_t a = 1, b = 0;
  for (const char byte : bytes) {
    a += static_cast<unsigned char>(byte);
    if (a >= 65521) a -= 65521;
    b += a;
    if (b >= 65521) b -= 65521;
  }
  return b << 16 | a;
}

/// Rows as differences from the row above (filter type 2 of RFC 2083 §6.4).
std::string Filter(const DemoPicture& picture) {
  std::string filtered;
  filtered.reserve((picture.width + 1) * picture.height);
  for (std::size_t y = 0; y < picture.height; ++y) {
    const char* row = picture.pixels.data() + y * picture.width;
    filtered += static_cast<char>(y == 0 ? 0 : 2);
    for (std::size_t x = 0; x < picture.width; ++x) {
      filtered += y == 0 ? row[x] : static_cast<char>(row[x] - (row - picture.width)[x]);
    }
  }
  return filtered;
}

}  // namespace

std::string EncodePng(const DemoPicture& picture) {
  std::string header;
  AppendBigEndian(static_cast<std::uint32_t>(picture.width), header);
  AppendBigEndian(static_cast<std::uint32_t>(picture.height), header);
  header.append({8, 3, 0, 0, 0});  // 8 bits, palette, deflate, adaptive filters, not interlaced

  std::string palette;
  for (const DemoPicture::Colour& colour : picture.palette) {
    palette.append({static_cast<char>(colour.red), static_cast<char>(colour.green), static_cast<char>(colour.blue)});
  }

  const std::string filtered = Filter(picture);
  std::string data = "\x78\x01";
  data += RunLengthDeflater::Compress(filtered);
  AppendBigEndian(Adler32(filtered), data);

  std::string png = "\x89PNG\r\n\x1a\n";
  AppendChunk("IHDR", header, png);
  AppendChunk("PLTE", palette, png);
  AppendChunk("IDAT", data, png);
  AppendChunk("IEND", "", png);
  return png;
}

}  // namespace portal::service
