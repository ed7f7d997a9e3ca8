#include "http/repr_digest.h"

#include <gtest/gtest.h>

#include <array>

namespace portal::http {
namespace {

const std::string kHash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

Head HeadWith(std::vector<std::string_view> values) {
  Head head;
  for (const std::string_view value : values) head.fields.push_back({"repr-digest", value});
  return head;
}

TEST(ReprDigest, IsTheLastSha256OfAllFields) {
  const std::string good = "sha-256=:" + kHash + ":";
  const std::string other = "sha-256=:" + std::string(43, 'A') + "=:";
  const std::string mixed = "sha-512=:AAAA:, " + good + " , md5=:x:";
  const std::string with_parameters = good + ";a=1";
  const std::vector<std::vector<std::string_view>> cases = {
      {good}, {mixed}, {with_parameters}, {other, good}, {"unixsum=30637", good}};
  for (const auto& values : cases) {
    const auto promised = PromisedSha256(HeadWith(values));
    ASSERT_TRUE(promised) << values.front();
    EXPECT_EQ(*promised, kHash) << values.front();
  }
}

TEST(ReprDigest, OfOtherAlgorithmsAloneIsNone) {
  for (const char* value : {"", "sha-512=:AAAA:", "SHA-256=:AAAA:", "md5=:x:, crc32c=:y:"}) {
    const auto promised = PromisedSha256(HeadWith({value}));
    ASSERT_TRUE(promised) << value;
    EXPECT_EQ(*promised, std::nullopt) << value;
  }
  EXPECT_EQ(PromisedSha256(Head{}).value(), std::nullopt);
}

TEST(ReprDigest, ThatIsNoSha256IsRefused) {
  const std::string unpadded = "sha-256=:" + kHash.substr(0, 43) + ":";
  const std::string url_safe = "sha-256=:" + std::string(42, 'A') + "-=:";
  const std::string open = "sha-256=:" + kHash;
  const std::string text = "sha-256=" + kHash;
  for (const std::string& value : {unpadded, url_safe, open, text, std::string("sha-256"), std::string("sha-256=::")}) {
    const auto promised = PromisedSha256(HeadWith({value}));
    ASSERT_FALSE(promised) << value;
    EXPECT_EQ(promised.error().code, base::ErrorCode::kBadRequest);
    EXPECT_NE(promised.error().detail.find("Repr-Digest"), std::string::npos);
  }
}

TEST(ReprDigest, ReadsBackWhatItWrites) {
  std::array<unsigned char, 32> hash{};
  hash.fill(0xfb);
  const std::string written = ReprDigest(hash);
  const auto promised = PromisedSha256(HeadWith({written}));
  EXPECT_EQ("sha-256=:" + std::string(promised.value().value()) + ":", written);
}

}  // namespace
}  // namespace portal::http
