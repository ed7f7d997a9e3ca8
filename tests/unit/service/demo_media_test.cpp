// What the demo draws must be what it says it is, to readers that this project did not write.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <string>

#include "base/hex.h"
#include "crypto/crc32.h"
#include "crypto/hash.h"
#include "service/demo/demo_pdf.h"
#include "service/demo/demo_picture.h"
#include "service/demo/demo_png.h"

namespace portal::service {
namespace {

std::size_t BigEndian(std::string_view bytes) {
  std::size_t value = 0;
  for (const char byte : bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

/// RFC 1951 as far as one block of fixed codes goes, written from the standard and not from the encoder.
std::string Inflate(std::string_view deflated) {
  std::size_t position = 0;
  const auto bit = [&] {
    const unsigned value = static_cast<unsigned char>(deflated.at(position / 8)) >> position % 8 & 1;
    ++position;
    return value;
  };
  const auto number = [&](int bits) {
    unsigned value = 0;
    for (int i = 0; i < bits; ++i) value |= bit() << i;
    return value;
  };
  const auto symbol = [&]() -> unsigned {
    unsigned code = 0;
    for (int length = 1; length <= 9; ++length) {
      code = code << 1 | bit();
      if (length == 7 && code <= 0x17) return 256 + code;
      if (length == 8 && code >= 0x30 && code <= 0xBF) return code - 0x30;
      if (length == 8 && code >= 0xC0 && code <= 0xC7) return 280 + code - 0xC0;
      if (length == 9 && code >= 0x190) return 144 + code - 0x190;
    }
    throw std::runtime_error("no such code");
  };
  constexpr unsigned kBase[] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
  constexpr int kExtra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
  EXPECT_EQ(number(3), 0b011u) << "a last block with fixed codes";
  std::string out;
  for (unsigned next = symbol(); next != 256; next = symbol()) {
    if (next < 256) {
      out += static_cast<char>(next);
      continue;
    }
    const unsigned length = kBase[next - 257] + number(kExtra[next - 257]);
    EXPECT_EQ(number(5), 0u) << "distance 1";
    out.append(length, out.back());
  }
  EXPECT_EQ((position + 7) / 8, deflated.size());
  return out;
}

std::string Chunk(std::string_view png, std::string_view type) {
  for (std::size_t at = 8; at < png.size();) {
    const std::size_t size = BigEndian(png.substr(at));
    EXPECT_EQ(BigEndian(png.substr(at + 8 + size)), crypto::Crc32(png.substr(at + 4, size + 4)));
    if (png.substr(at + 4, 4) == type) return std::string(png.substr(at + 8, size));
    at += size + 12;
  }
  return {};
}

TEST(DemoPng, DecodesToThePictureItWasMadeFrom) {
  // Every length of a run from 1 to past the longest match, so that each length code occurs.
  DemoPicture picture = DrawHouse(640, 480, 3);
  std::size_t at = 0;
  for (std::size_t run = 1; run <= 600; ++run) {
    for (std::size_t i = 0; i < run; ++i) picture.pixels[at++] = static_cast<char>(run % 2);
  }
  const std::string png = EncodePng(picture);
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  const std::string header = Chunk(png, "IHDR");
  EXPECT_EQ(BigEndian(header), 640u);
  EXPECT_EQ(BigEndian(header.substr(4)), 480u);
  const std::string data = Chunk(png, "IDAT");
  const std::string filtered = Inflate(std::string_view(data).substr(2, data.size() - 6));
  ASSERT_EQ(filtered.size(), 641u * 480);
  std::string pixels;
  for (std::size_t y = 0; y < 480; ++y) {
    const char filter = filtered[y * 641];
    for (std::size_t x = 0; x < 640; ++x) {
      const char above = filter == 2 ? pixels[(y - 1) * 640 + x] : '\0';
      pixels += static_cast<char>(filtered[y * 641 + 1 + x] + above);
    }
  }
  EXPECT_EQ(pixels, picture.pixels);
}

TEST(DemoPng, EveryVariationIsAPictureOfItsOwn) {
  std::string previous;
  for (unsigned variation = 0; variation < 16; ++variation) {
    std::string png = EncodePng(DrawHouse(640, 480, variation));
    EXPECT_LT(png.size(), 30'000u);
    EXPECT_NE(png, previous);
    previous = std::move(png);
  }
}

/// Every entry of the cross-reference table must point at its object, and `startxref` at the table.
void ExpectConsistent(const std::string& pdf) {
  ASSERT_TRUE(pdf.starts_with("%PDF-1.4\n"));
  ASSERT_TRUE(pdf.ends_with("\n%%EOF\n"));
  const std::size_t start = std::stoul(pdf.substr(pdf.rfind("startxref\n") + 10));
  ASSERT_EQ(pdf.substr(start, 7), "xref\n0 ");
  std::size_t end_of_count = 0;
  const std::size_t count = std::stoul(pdf.substr(start + 7), &end_of_count);
  const std::size_t table = start + 7 + end_of_count + 1;
  for (std::size_t i = 1; i < count; ++i) {
    const std::string entry = pdf.substr(table + 20 * i, 20);
    ASSERT_TRUE(entry.ends_with(" 00000 n \n")) << entry;
    const std::string begin = std::to_string(i) + " 0 obj\n";
    EXPECT_EQ(pdf.substr(std::stoul(entry), begin.size()), begin);
  }
}

/// What a stream says of its length must be where it ends.
void ExpectLengthsRight(const std::string& pdf) {
  int streams = 0;
  for (std::size_t at = pdf.find("/Length "); at != std::string::npos; at = pdf.find("/Length ", at)) {
    const std::size_t length = std::stoul(pdf.substr(at + 8, 12));
    const std::size_t begin = pdf.find("stream\n", at) + 7;
    EXPECT_EQ(pdf.substr(begin + length, 11), "\nendstream\n");
    at = begin + length;
    ++streams;
  }
  EXPECT_GE(streams, 2);
}

TEST(DemoPdf, TablesAndLengthsPointWhereTheyShould) {
  const std::vector<std::string_view> lines = {"Plain", "With (brackets) and a \\ backslash"};
  const DemoPicture picture = DrawHouse(64, 48, 1);
  for (const DemoPdf& document :
       {DemoPdf{.title = "Short", .lines = lines}, DemoPdf{.title = "Illustrated", .lines = lines, .picture = &picture},
        DemoPdf{.title = "Padded", .lines = lines, .exact_size = 5000},
        DemoPdf{.title = "Both", .lines = lines, .picture = &picture, .exact_size = 9999}}) {
    const std::string pdf = EncodePdf(document);
    SCOPED_TRACE(document.title);
    ExpectConsistent(pdf);
    ExpectLengthsRight(pdf);
    if (document.exact_size != 0) {
      EXPECT_EQ(pdf.size(), document.exact_size);
    }
  }
}

TEST(DemoPdf, EscapesWhatWouldEndItsText) {
  const std::vector<std::string_view> lines = {"a (b) \\ c"};
  EXPECT_NE(EncodePdf({.title = "t", .lines = lines}).find("(a \\(b\\) \\\\ c) Tj"), std::string::npos);
}

TEST(DemoPdf, ASizeThatIsTooSmallIsABug) {
  EXPECT_THROW(EncodePdf({.title = "t", .lines = {}, .exact_size = 100}), std::logic_error);
}

}  // namespace
}  // namespace portal::service
