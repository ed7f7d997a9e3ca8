#include "api/cursor.h"

#include <gtest/gtest.h>

#include <array>

#include "crypto/sodium.h"

namespace portal::api {
namespace {

class CursorTest : public ::testing::Test {
 protected:
  CursorTest() { crypto::Initialize(); }
  static Cursors WithKey(unsigned char fill) {
    std::array<unsigned char, 32> secret;
    secret.fill(fill);
    return Cursors(crypto::KeyedHash(secret));
  }
  static model::PageStart Sample() {
    return {model::PageStart::Kind::kBefore, 0, {-5, "Zoë", "550e8400-e29b-41d4-a716-446655440000"}};
  }
};

TEST_F(CursorTest, ReadsBackWhatItWrote) {
  const Cursors cursors = WithKey(1);
  for (const auto& start :
       {Sample(), model::PageStart{model::PageStart::Kind::kAfter, 0, {std::nullopt, "", "job_1"}}}) {
    const auto again = cursors.Decode("1 /v1/jobs?", cursors.Encode("1 /v1/jobs?", start));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->kind, start.kind);
    EXPECT_EQ(again->keyset.time_ms, start.keyset.time_ms);
    EXPECT_EQ(again->keyset.text, start.keyset.text);
    EXPECT_EQ(again->keyset.id, start.keyset.id);
  }
}

TEST_F(CursorTest, IsGoodForItsOwnListAndKeyOnly) {
  const std::string text = WithKey(1).Encode("1 /v1/jobs?", Sample());
  EXPECT_FALSE(WithKey(1).Decode("2 /v1/jobs?", text)) << "another tenant";
  EXPECT_FALSE(WithKey(1).Decode("1 /v1/jobs?sort=-name&", text)) << "another order";
  EXPECT_FALSE(WithKey(2).Decode("1 /v1/jobs?", text)) << "another portal";
}

TEST_F(CursorTest, RefusesEveryChangedByte) {
  const Cursors cursors = WithKey(1);
  const std::string text = cursors.Encode("s", Sample());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(cursors.Decode("s", changed)) << i;
    EXPECT_FALSE(cursors.Decode("s", text.substr(0, i))) << i;
  }
  EXPECT_FALSE(cursors.Decode("s", text + "A"));
  EXPECT_FALSE(cursors.Decode("s", ""));
  EXPECT_FALSE(cursors.Decode("s", "not a cursor!"));
}

}  // namespace
}  // namespace portal::api
