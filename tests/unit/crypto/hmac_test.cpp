#include "crypto/hmac.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/hex.h"

namespace portal::crypto {
namespace {

HmacKey KeyOf(const std::string& secret) {
  return HmacKey({reinterpret_cast<const unsigned char*>(secret.data()), secret.size()});
}

TEST(Hmac, GivesTheVectorsOfRfc4231) {
  struct Case {
    const char* name;
    std::string key;
    std::string data;
    std::string_view mac;
  };
  std::string counting;
  for (char c = 1; c <= 25; ++c) counting += c;
  const std::vector<Case> cases = {
      {"4.2", std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"4.3", "Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {"4.4", std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {"4.5", counting, std::string(50, '\xcd'), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {"4.7", std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {"4.8", std::string(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
       "hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const Case& c : cases) EXPECT_EQ(base::ToHex(KeyOf(c.key).Sign(c.data)), c.mac) << "RFC 4231 section " << c.name;
}

TEST(Hmac, AKeySignsTheSameWayEveryTimeAndSoDoesItsCopy) {
  const HmacKey key = KeyOf("secret");
  const HmacKey copy = key;
  const Mac first = key.Sign("message");
  EXPECT_TRUE(Equal(key.Sign("message"), first));
  EXPECT_TRUE(Equal(copy.Sign("message"), first));
  EXPECT_FALSE(Equal(key.Sign("massage"), first));
}

TEST(Hmac, MacsThatDifferInOneBitAreNotEqual) {
  const Mac mac = KeyOf("secret").Sign("message");
  for (std::size_t byte = 0; byte < mac.size(); ++byte) {
    Mac other = mac;
    other[byte] ^= 1;
    EXPECT_FALSE(Equal(mac, other)) << "byte " << byte;
  }
}

TEST(Hmac, SignsWhatFollowsAPrefixLikeTheWhole) {
  const HmacKey key = KeyOf("secret");
  const std::string message(200, 'm');
  for (std::size_t split = 0; split <= message.size(); ++split) {
    const HmacKey after = key.After(message.substr(0, split));
    ASSERT_TRUE(Equal(after.Sign(message.substr(split)), key.Sign(message))) << split;
    ASSERT_TRUE(Equal(after.Sign(message.substr(split)), key.Sign(message))) << "again, " << split;
  }
}

}  // namespace
}  // namespace portal::crypto
