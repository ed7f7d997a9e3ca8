#include "crypto/token.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <regex>
#include <set>
#include <string>
#include <string_view>

#include "crypto/base62.h"
#include "crypto/crc32.h"
#include "crypto/random.h"

namespace portal::crypto {
namespace {

/// As a secret scanner would read it: zlib.crc32(b"portal_" + b"0" * 43) is 0xEFDEA318, 4OLk4G in base 62.
std::uint32_t ReadChecksum(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits) value = value * 62 + static_cast<std::uint32_t>(kBase62.find(c));
  return value;
}

TEST(BearerToken, NewOnesHaveTheFormAndTheChecksumOfTheirOwnAndDiffer) {
  ASSERT_EQ(ReadChecksum("4OLk4G"), 0xEFDEA318);
  ASSERT_EQ(Crc32("portal_" + std::string(43, '0')), 0xEFDEA318);
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string token = NewBearerToken();
    EXPECT_TRUE(std::regex_match(token, std::regex("portal_[0-9A-Za-z]{49}"))) << token;
    EXPECT_EQ(ReadChecksum(std::string_view(token).substr(50)), Crc32(token.substr(0, 50))) << token;
    seen.insert(token);
  }
  EXPECT_EQ(seen.size(), 200u);
}

TEST(BearerToken, EveryNewOneHasTheForm) {
  for (int i = 0; i < 200; ++i) {
    const std::string token = NewBearerToken();
    EXPECT_TRUE(CheckBearerTokenForm(token)) << token;
  }
  EXPECT_TRUE(CheckBearerTokenForm("portal_" + std::string(43, '0') + "4OLk4G"));
}

TEST(BearerToken, AMisprintInAnyPlaceIsFound) {
  const std::string token = NewBearerToken();
  for (std::size_t at = 0; at < token.size(); ++at) {
    for (int c = 0; c < 256; ++c) {
      std::string misprint = token;
      misprint[at] = static_cast<char>(c);
      EXPECT_EQ(CheckBearerTokenForm(misprint), misprint == token) << misprint;
    }
    EXPECT_FALSE(CheckBearerTokenForm(token.substr(0, at))) << at;
    EXPECT_FALSE(CheckBearerTokenForm(token.substr(0, at) + token.substr(at + 1))) << at;
    EXPECT_FALSE(CheckBearerTokenForm(token.substr(0, at) + token[at] + token.substr(at))) << at;
  }
  EXPECT_FALSE(CheckBearerTokenForm(token + "0"));
  EXPECT_FALSE(CheckBearerTokenForm(token + " "));
  EXPECT_FALSE(CheckBearerTokenForm(""));
  // The checksum of what is not base62 is no better for being right.
  const std::string odd = "portal_" + std::string(42, '0') + "-";
  std::string digits(6, '0');
  std::uint32_t rest = Crc32(odd);
  for (std::size_t i = digits.size(); i-- > 0; rest /= 62) digits[i] = kBase62[rest % 62];
  EXPECT_FALSE(CheckBearerTokenForm(odd + digits));
}

TEST(Random, UuidsAreVersion4AndDiffer) {
  RandomBuffer random;
  std::set<std::string> seen;
  const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  for (int i = 0; i < 1000; ++i) {
    std::string uuid(36, '\0');
    WriteUuid(random, uuid.data());
    EXPECT_TRUE(std::regex_match(uuid, form)) << uuid;
    seen.insert(uuid);
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(Random, IdsHaveTheirPrefixAndUseAllOfTheAlphabet) {
  const std::string id = RandomId("job_", 5000);
  EXPECT_TRUE(id.starts_with("job_"));
  EXPECT_EQ(id.size(), 5004u);
  EXPECT_EQ(std::set<char>(id.begin() + 4, id.end()).size(), 62u);
}

}  // namespace
}  // namespace portal::crypto
