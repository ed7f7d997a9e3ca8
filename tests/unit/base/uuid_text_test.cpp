#include "base/uuid_text.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace portal::base {
namespace {

TEST(UuidText, ReadsBackWhatItWrites) {
  std::array<unsigned char, 16> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<unsigned char>(i * 17);
  std::string text(kUuidTextSize, '\0');
  WriteUuidText(bytes, text.data());
  EXPECT_EQ(text, "00112233-4455-6677-8899-aabbccddeeff");
  std::array<unsigned char, 16> read{};
  EXPECT_TRUE(ReadUuidText(text, read));
  EXPECT_EQ(read, bytes);
}

TEST(UuidText, IsRefusedWithAnyCharacterWrong) {
  const std::string good = "00112233-4455-6677-8899-aabbccddeeff";
  ASSERT_TRUE(IsUuidText(good));
  std::array<unsigned char, 16> bytes;
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char other : {'g', 'A', '-', '0', '\0'}) {
      std::string text = good;
      text[i] = other;
      const bool same_kind = good[i] == '-' ? other == '-' : other == '0';
      EXPECT_EQ(IsUuidText(text), same_kind) << text;
      EXPECT_EQ(ReadUuidText(text, bytes), same_kind) << text;
    }
  }
  EXPECT_FALSE(IsUuidText(good + "0"));
  EXPECT_FALSE(IsUuidText(good.substr(1)));
}

}  // namespace
}  // namespace portal::base
