#include "crypto/keyed_hash.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <array>
#include <set>
#include <string>
#include <vector>

namespace portal::crypto {
namespace {

Secret SecretOf(unsigned char fill) {
  Secret secret;
  secret.fill(fill);
  return secret;
}

KeyedHash::Tag TagOf(const KeyedHash& key, const std::vector<std::string_view>& parts) { return key.Of(parts); }

TEST(KeyedHash, IsTheKeyedBlake2bOfThePartsAndTheirLengths) {
  const std::string message("\3\0\0\0\0\0\0\0abc", 11);
  KeyedHash::Tag expected;
  const Secret secret = SecretOf(7);
  crypto_generichash(expected.data(), expected.size(), reinterpret_cast<const unsigned char*>(message.data()),
                     message.size(), secret.data(), secret.size());
  EXPECT_EQ(TagOf(KeyedHash(secret), {"abc"}), expected);
}

TEST(KeyedHash, TellsKeysAndListsOfPartsApart) {
  std::set<KeyedHash::Tag> tags;
  for (const unsigned char fill : std::initializer_list<unsigned char>{1, 2}) {
    const KeyedHash key(SecretOf(fill));
    for (const std::vector<std::string_view>& parts :
         {std::vector<std::string_view>{}, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"", "ab"}, {"ab", ""}, {"ba"}}) {
      tags.insert(TagOf(key, parts));
    }
  }
  EXPECT_EQ(tags.size(), 16u);
}

TEST(KeyedHash, IsNotChangedByBeingUsedOrCopied) {
  const KeyedHash key(SecretOf(3));
  const auto first = TagOf(key, {std::string(1'000, 'x')});
  const KeyedHash copy = key;
  EXPECT_EQ(TagOf(copy, {std::string(1'000, 'x')}), first);
  EXPECT_EQ(TagOf(key, {std::string(1'000, 'x')}), first);
}

}  // namespace
}  // namespace portal::crypto
