#include "crypto/base64url.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace portal::crypto {
namespace {

std::string Encode(std::string_view bytes) {
  return ToBase64Url({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

TEST(Base64Url, WritesTheVectorsOfItsStandard) {
  const std::vector<std::pair<std::string, std::string>> vectors = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"},
  };
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(Encode(bytes), text);
    EXPECT_EQ(FromBase64Url(text), bytes);
  }
}

TEST(Base64Url, ReadsBackWhatItWrote) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(FromBase64Url(Encode(bytes)), bytes);
    bytes += static_cast<char>(i * 151 % 256);
  }
}

TEST(Base64Url, ReadsNothingElse) {
  for (const std::string text : {"Zg==", "Z", "Zh", "Zm+v", "Zm/v", "Zm9v ", " Zm9v", "Zm9v\n"}) {
    EXPECT_EQ(FromBase64Url(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace portal::crypto
