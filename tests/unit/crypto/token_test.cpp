#include "crypto/token.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

#include "crypto/random.h"

namespace portal::crypto {
namespace {

TEST(BearerToken, NewOnesAreWellFormedAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string token = NewBearerToken();
    EXPECT_TRUE(std::regex_match(token, std::regex("portal_[0-9A-Za-z]{49}"))) << token;
    EXPECT_TRUE(IsWellFormedBearerToken(token)) << token;
    seen.insert(token);
  }
  EXPECT_EQ(seen.size(), 200u);
}

TEST(BearerToken, HasAChecksumThatOthersCanCompute) {
  // zlib.crc32(b"portal_" + b"0" * 43) is 0xEFDEA318, which is 4OLk4G in base 62.
  EXPECT_TRUE(IsWellFormedBearerToken("portal_" + std::string(43, '0') + "4OLk4G"));
}

TEST(BearerToken, AnySingleWrongCharacterIsNoticed) {
  const std::string token = NewBearerToken();
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string other = token;
    other[i] = other[i] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(IsWellFormedBearerToken(other)) << "character " << i;
    EXPECT_FALSE(IsWellFormedBearerToken(token.substr(0, i))) << "cut at " << i;
  }
  EXPECT_FALSE(IsWellFormedBearerToken(token + "0"));
  EXPECT_FALSE(IsWellFormedBearerToken("prod_token"));
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
