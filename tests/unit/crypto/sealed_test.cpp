#include "crypto/sealed.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/hex.h"

namespace portal::crypto {
namespace {

using base::ErrorCode;

constexpr std::string_view kPassphrase = "correct horse";

/// `{"version":1}` sealed as version 1 at the least cost that is read: what was sealed once must open for ever, and a
/// thousand damaged ones of it can be tried in a second.
std::string Kept() {
  constexpr std::string_view kDigits =
      "706f7274616c2d7365616c65640a01010d000102030405060708090a0b0c0d0e0f13b24167d6434630ad5b9fa17b0eddbf2c9a2b4c0440"
      "754b3853c5fb073e66e5fc3ac1520a8f32c2a14fe77020ae9fab50517959a359";
  std::string bytes(kDigits.size() / 2, '\0');
  EXPECT_TRUE(base::FromHex(kDigits, {reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()}));
  return bytes;
}

TEST(Sealed, WhatWasSealedOnceOpens) {
  const auto opened = Unseal(Kept(), kPassphrase);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(*opened, R"({"version":1})");
}

TEST(Sealed, OpensWithItsPassphraseAlone) {
  const std::string secret = "signing keys";
  const auto sealed = Seal(secret, kPassphrase);
  ASSERT_TRUE(sealed) << sealed.error().detail;
  EXPECT_TRUE(sealed->starts_with(Kept().substr(0, 15)));
  EXPECT_EQ(sealed->find(secret), std::string::npos);
  const auto opened = Unseal(*sealed, kPassphrase);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(*opened, secret);
  const auto refused = Unseal(*sealed, "correct horse ");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kValidation);
}

TEST(Sealed, TextsOfEverySizeComeBackAndNoTwoSealsAreAlike) {
  std::string last;
  for (const std::size_t size : {std::size_t{0}, std::size_t{64 * 1024}, std::size_t{3 * 64 * 1024 + 1}}) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + i / 251);
    const auto sealed = Seal(text, "p");
    ASSERT_TRUE(sealed);
    const auto opened = Unseal(*sealed, "p");
    ASSERT_TRUE(opened) << size;
    EXPECT_EQ(*opened, text) << size;
    EXPECT_NE(sealed->substr(0, 57), last);
    last = sealed->substr(0, 57);
  }
}

TEST(Sealed, EveryFlippedBitIsRefused) {
  const std::string kept = Kept();
  for (std::size_t at = 0; at < kept.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = kept;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      const auto opened = Unseal(damaged, kPassphrase);
      ASSERT_FALSE(opened) << "bit " << bit << " of byte " << at;
      EXPECT_EQ(opened.error().code, ErrorCode::kValidation);
    }
  }
}

TEST(Sealed, EveryTruncationAndAnyAdditionIsRefused) {
  const std::string kept = Kept();
  for (std::size_t size = 0; size < kept.size(); ++size) {
    EXPECT_FALSE(Unseal(kept.substr(0, size), kPassphrase)) << size;
    EXPECT_FALSE(Unseal(kept.substr(size), kPassphrase) && size > 0) << size;
  }
  EXPECT_FALSE(Unseal(kept + '\0', kPassphrase));
  EXPECT_FALSE(Unseal(kept + kept, kPassphrase));
}

TEST(Sealed, MissingAndExchangedChunksAreNoticed) {
  constexpr std::size_t kHead = 57, kChunk = 64 * 1024 + 17;
  const auto sealed = Seal(std::string(2 * 64 * 1024 + 5, 'x'), kPassphrase);
  ASSERT_TRUE(sealed);
  const std::string head = sealed->substr(0, kHead), first = sealed->substr(kHead, kChunk),
                    second = sealed->substr(kHead + kChunk, kChunk), last = sealed->substr(kHead + 2 * kChunk);
  for (const std::string& stream : {first + second, first + last, second + first + last, first + first + last}) {
    EXPECT_FALSE(Unseal(head + stream, kPassphrase));
  }
}

TEST(Sealed, WrongPassphraseAndDamageAreOneError) {
  std::string damaged = Kept();
  damaged.back() ^= 1;
  const auto wrong = Unseal(Kept(), "battery staple");
  const auto broken = Unseal(damaged, kPassphrase);
  ASSERT_FALSE(wrong || broken);
  EXPECT_EQ(wrong.error().detail, broken.error().detail);
}

TEST(Sealed, CostsBeyondTheBoundsAreNotEvenTried) {
  struct Case {
    const char* what;
    std::size_t at;
    unsigned char value;
  };
  for (const Case& given : {Case{"no passes", 15, 0}, Case{"17 passes", 15, 17}, Case{"4 KiB", 16, 12},
                            Case{"2 GiB", 16, 31}, Case{"2^63 bytes", 16, 63}, Case{"2^255 bytes", 16, 255}}) {
    std::string text = Kept();
    text[given.at] = static_cast<char>(given.value);
    EXPECT_FALSE(Unseal(text, kPassphrase)) << given.what;
  }
}

TEST(Sealed, ANewerFormIsNamed) {
  std::string newer = Kept();
  newer[14] = 2;
  const auto refused = Unseal(newer, kPassphrase);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("newer form (2)"), std::string::npos);
}

TEST(Sealed, AnEmptyPassphraseIsRefused) {
  const auto refused = Seal("text", "");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kValidation);
}

}  // namespace
}  // namespace portal::crypto
