#include "crypto/hash.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/hex.h"
#include "crypto/crc32.h"

namespace portal::crypto {
namespace {

struct KnownDigest {
  std::string message;
  std::string_view sha256;
};

// FIPS 180-4, "Examples with intermediate values", and the empty message.
const std::vector<KnownDigest> kKnownDigests = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

TEST(Hash, Sha256GivesTheDigestsOfFips180) {
  for (const KnownDigest& known : kKnownDigests) EXPECT_EQ(base::ToHex(Sha256(known.message)), known.sha256);
}

TEST(Hash, AStreamInPiecesGivesTheSameDigests) {
  for (const KnownDigest& known : kKnownDigests) {
    for (const std::size_t piece : {std::size_t{1000}, std::size_t{63}, std::size_t{4096}}) {
      Sha256Stream stream;
      const auto bytes = std::as_bytes(std::span(known.message));
      for (std::size_t at = 0; at < bytes.size(); at += piece) {
        stream.Update(bytes.subspan(at, std::min(piece, bytes.size() - at)));
      }
      EXPECT_EQ(base::ToHex(stream.Finish()), known.sha256) << "in pieces of " << piece;
    }
  }
}

TEST(Hash, FingerprintsTellWhereOnePartEndsAndTheNextBegins) {
  const auto fingerprint = [](std::vector<std::string_view> parts) { return Fingerprint(parts); };
  EXPECT_EQ(fingerprint({"ab", "c"}), fingerprint({"ab", "c"}));
  EXPECT_NE(fingerprint({"ab", "c"}), fingerprint({"a", "bc"}));
  EXPECT_NE(fingerprint({"abc"}), fingerprint({"abc", ""}));
  EXPECT_NE(fingerprint({}), fingerprint({""}));
}

TEST(Crc32, GivesTheCheckValueOfItsPolynomial) {
  EXPECT_EQ(Crc32("123456789"), 0xCBF43926u);
  EXPECT_EQ(Crc32(""), 0u);
  EXPECT_EQ(Crc32("IEND"), 0xAE426082u);  // as in every PNG
}

}  // namespace
}  // namespace portal::crypto
