#include "crypto/password.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
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
  EXPECT_TRUE(*VerifyPassword(*kept, password));
  for (const std::string& wrong :
       {std::string(), password + " ", password.substr(0, 13), std::string("Correct horse")}) {
    EXPECT_FALSE(*VerifyPassword(*kept, wrong)) << wrong;
  }
  for (const std::string& nonsense :
       {std::string(), std::string("nonsense"), std::string("$argon2id$v=19$nonsense"),
        std::string("$argon2id$v=19$m=65536,t=3,p=1$"), kept->substr(0, kept->size() - 1), *kept + "A"}) {
    EXPECT_FALSE(*VerifyPassword(nonsense, password)) << nonsense;
  }
  EXPECT_FALSE(*RefusePassword(password));
}

/// Leaves the process so much more memory than it has, and no more.
class Shortage {
 public:
  explicit Shortage(rlim_t spare_bytes) {
    getrlimit(RLIMIT_AS, &before_);
    std::ifstream statm("/proc/self/statm");
    rlim_t pages = 0;
    statm >> pages;
    const rlimit low{pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + spare_bytes, before_.rlim_max};
    held_ = setrlimit(RLIMIT_AS, &low) == 0;
  }
  ~Shortage() { setrlimit(RLIMIT_AS, &before_); }
  Shortage(const Shortage&) = delete;
  Shortage& operator=(const Shortage&) = delete;

  bool held() const { return held_; }

 private:
  rlimit before_{};
  bool held_ = false;
};

TEST_F(Password, IsNeitherRightNorWrongWhereThereIsNoMemory) {
  const std::string password = "correct horse battery";
  const auto kept = HashPassword(password);
  ASSERT_TRUE(kept);
  {
    const Shortage shortage(rlim_t{16} << 20);
    ASSERT_TRUE(shortage.held());
    for (const auto& tried :
         {VerifyPassword(*kept, password), VerifyPassword(*kept, "wrong"), RefusePassword(password)}) {
      ASSERT_FALSE(tried);
      EXPECT_EQ(tried.error().code, base::ErrorCode::kUnavailable);
    }
    EXPECT_FALSE(HashPassword(password));
  }
  EXPECT_TRUE(*VerifyPassword(*kept, password));
}

}  // namespace
}  // namespace portal::crypto
