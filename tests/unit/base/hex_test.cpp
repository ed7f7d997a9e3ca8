#include "base/hex.h"

#include <gtest/gtest.h>

#include <array>

namespace portal::base {
namespace {

TEST(Hex, ReadsBackWhatItWrites) {
  std::array<unsigned char, 256> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i);
  const std::string digits = ToHex(bytes);
  EXPECT_EQ(digits.substr(0, 8), "00010203");
  EXPECT_EQ(digits.substr(508), "feff");
  std::array<unsigned char, 256> again{};
  EXPECT_TRUE(FromHex(digits, again));
  EXPECT_EQ(again, bytes);
}

TEST(Hex, TakesLowerCaseDigitsOfTheRightNumberOnly) {
  std::array<unsigned char, 2> out;
  for (const std::string_view digits : {"", "abc", "abcde", "ABCD", "abcg", "0x12", "ab d"}) {
    EXPECT_FALSE(FromHex(digits, out)) << digits;
  }
}

}  // namespace
}  // namespace portal::base
