#include "control/chunk_decoder.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace portal::control {
namespace {

using Verdict = ChunkDecoder::Verdict;

/// What was in the chunks and what is left behind them; nullopt where they are malformed or end early.
struct Decoded {
  std::string data;
  std::string rest;
};
std::optional<Decoded> Decode(std::string_view coded, std::size_t piece_bytes) {
  ChunkDecoder decoder;
  Decoded decoded;
  std::string pending;
  while (!coded.empty() || !pending.empty()) {
    if (pending.empty()) {
      pending = coded.substr(0, piece_bytes);
      coded.remove_prefix(pending.size());
    }
    const ChunkDecoder::Step step = decoder.Next(pending);
    decoded.data += step.data;
    if (step.verdict == Verdict::kBad) return std::nullopt;
    pending.erase(0, step.consumed);
    if (step.verdict == Verdict::kEnd) {
      decoded.rest = pending + std::string(coded);
      return decoded;
    }
  }
  return std::nullopt;
}

TEST(ChunkDecoder, TakesTheCodingOffHoweverItsBytesAreSplit) {
  struct Case {
    std::string_view coded;
    std::string_view data;
    std::string_view rest;
  };
  const Case cases[] = {
      {"0\r\n\r\n", "", ""},
      {"5\r\nhello\r\n0\r\n\r\n", "hello", ""},
      {"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET / HTTP/1.1\r\n", "hello world", "GET / HTTP/1.1\r\n"},
      {"A\r\n0123456789\r\na\r\n0123456789\r\n000\r\n\r\n", "01234567890123456789", ""},
      {"2;name=value;more=\"a b\"\r\n\r\n\r\n0;last\r\n\r\n", "\r\n", ""},
      {"1\r\nx\r\n0\r\nTrailer: dropped\r\nX:\r\n\r\n", "x", ""},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece : {1U, 2U, 3U, 1000U}) {
      const auto decoded = Decode(c.coded, piece);
      ASSERT_TRUE(decoded) << c.coded << " in pieces of " << piece;
      EXPECT_EQ(decoded->data, c.data) << c.coded;
      EXPECT_EQ(decoded->rest, c.rest) << c.coded;
    }
  }
}

TEST(ChunkDecoder, RefusesWhateverAnotherServerMightReadDifferently) {
  const std::string cases[] = {
      "\r\n",
      " 5\r\nhello\r\n0\r\n\r\n",
      "5 \r\nhello\r\n0\r\n\r\n",
      "+5\r\nhello\r\n0\r\n\r\n",
      "-1\r\nhello\r\n0\r\n\r\n",
      "0x5\r\nhello\r\n0\r\n\r\n",
      "5\nhello\r\n0\r\n\r\n",
      "5\rhello\r\n0\r\n\r\n",
      "5\r\nhello\n0\r\n\r\n",
      "5\r\nhelloX\r\n0\r\n\r\n",
      "4\r\nhello\r\n0\r\n\r\n",
      "5\r\nhello0\r\n\r\n",
      "5,5\r\nhello\r\n0\r\n\r\n",
      ";x\r\nhello\r\n0\r\n\r\n",
      "5;a\nb\r\nhello\r\n0\r\n\r\n",
      "10000000000000000\r\nhello\r\n",
      "0000000000000000000000005\r\nhello\r\n0\r\n\r\n",
      "0\r\nno colon\r\n\r\n",
      "0\r\n: no name\r\n\r\n",
      "0\r\n folded: 1\r\n\r\n",
      "0\r\nA: \x01\r\n\r\n",
      "0\r\nA: b\n\r\n",
      "0\r\n\rX",
      "0\n\n",
      "5;" + std::string(1000, 'x') + "\r\nhello\r\n0\r\n\r\n",
      "0\r\nA: " + std::string(10'000, 'x') + "\r\n\r\n",
  };
  for (const std::string& coded : cases) {
    for (const std::size_t piece : {1U, 1000U}) EXPECT_FALSE(Decode(coded, piece)) << coded.substr(0, 80);
  }
}

TEST(ChunkDecoder, NeverTakesAnEarlyEndForTheEnd) {
  const std::string_view whole = "5\r\nhello\r\n0\r\nA: b\r\n\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(Decode(whole.substr(0, size), 7)) << size;
  EXPECT_TRUE(Decode(whole, 7));
}

}  // namespace
}  // namespace portal::control
