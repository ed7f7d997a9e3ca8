#include "crypto/password.h"

#include <gtest/gtest.h>

#include <string>

#include "crypto/sodium.h"

namespace portal::crypto {
namespace {

class Password : public testing::Test {
 protected:
  void SetUp() override { Initialize(); }
};

TEST_F(Password, IsKeptAsArgon2idOver64MiBInThreePassesWithASaltOfItsOwn) {
  const auto first = HashPassword("correct horse battery");
  const auto second = HashPassword("correct horse battery");
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(first->starts_with("$argon2id$v=19$m=65536,t=3,p=1$")) << *first;
  EXPECT_NE(*first, *second);
  EXPECT_EQ(first->find("horse"), std::string::npos);
}

TEST_F(Password, IsKnownAgainAndNothingElseIs) {
  const std::string password("correct horse\0battery \xc3\xa9", 24);
  const auto kept = HashPassword(password);
  ASSERT_TRUE(kept);
  EXPECT_TRUE(VerifyPassword(*kept, password));
  for (const std::string& wrong :
       {std::string(), password + " ", password.substr(0, 13), std::string("Correct horse")}) {
    EXPECT_FALSE(VerifyPassword(*kept, wrong)) << wrong;
  }
  EXPECT_FALSE(VerifyPassword("nonsense", password));
  EXPECT_FALSE(RefusePassword(password));
}

}  // namespace
}  // namespace portal::crypto
