#include "service/file_links.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/hex.h"
#include "base/time_text.h"
#include "unit/service/file_links_fixture.h"

namespace portal::service {
namespace {

using base::ErrorCode;
using std::chrono::milliseconds;

class FileLinksTest : public FileLinksFixture {};

TEST_F(FileLinksTest, WritesTheTargetThatTheContractShows) {
  const std::string target = Sign("production document.pdf", Disposition::kAttachment);
  const std::string expected =
      "/files/portal-files-prod/jobs/job_prod_test/files/production%20document.pdf?expires=1756807500"
      "&client=client_prod&disposition=attachment&signature=";
  EXPECT_EQ(target.substr(0, expected.size()), expected);
  EXPECT_EQ(target.size(), expected.size() + 64);
}

TEST_F(FileLinksTest, SignsALengthPrefixedCanonicalForm) {
  // Written out by hand, so that a change of the form, which ends every URL in circulation, is noticed.
  using namespace std::string_literals;
  const std::string canonical = "\0\0\0\x01"s + "1" + "\0\0\0\x01"s + "7" + "\0\0\0\x11"s + "portal-files-prod" +
                                "\0\0\0\x0d"s + "job_prod_test" + "\0\0\0\x0a"s + "1756807500" + "\0\0\0\x0b"s +
                                "client_prod" + "\0\0\0\x06"s + "inline" + "\0\0\0\x05"s + "a b.c";
  const std::string target = Sign("a b.c", Disposition::kInline);
  EXPECT_EQ(target.substr(target.size() - 64), base::ToHex(HmacKey(kSigningSecret).Sign(canonical)));
}

TEST_F(FileLinksTest, ExpiresAtTheWholeSecondBelowNowAndALifetime) {
  EXPECT_EQ(base::FormatRfc3339(base::WallTime(links().Expiry(*base::ParseRfc3339("2025-09-02T10:00:00.999Z")))),
            "2025-09-02T10:15:00.000Z");
}

TEST_F(FileLinksTest, AppendsToWhatIsThere) {
  std::string out = "before ";
  AppendSigned("a.pdf", Disposition::kUnspecified, out);
  EXPECT_EQ(out, "before " + Sign("a.pdf"));
}

TEST_F(FileLinksTest, HostileNamesComeBackAsTheyWere) {
  const std::vector<std::string> names = {
      "a",
      " ",
      "quote\" and 'quote'.pdf",
      "100% done.pdf",
      "%2F%2e%2e",
      "..hidden",
      "...",
      "a..b",
      "Größe & Maß?.pdf",
      "#1;v=2&signature=0",
      "plus+plus.txt",
      "back\\slash",
      "roof 🏠 ridge.png",
      "e\xCC\x81 and \xC3\xA9",  // é in two forms, kept apart
      "\xC2\xA0",                // the first character past the controls
      std::string(255, 'x'),
      std::string(255, '%'),
      std::string(252, 'x') + "\xE2\x82\xAC",
  };
  for (const std::string& name : names) {
    for (const auto disposition : {Disposition::kUnspecified, Disposition::kAttachment, Disposition::kInline}) {
      const auto link = FileLinks::Parse(Sign(name, disposition));
      ASSERT_TRUE(link) << name << ": " << link.error().detail;
      EXPECT_EQ(link->name, name);
      EXPECT_EQ(link->bucket, kBucket);
      EXPECT_EQ(link->job_id.value(), kJob);
      EXPECT_EQ(link->client.value(), kClient);
      EXPECT_EQ(link->disposition, disposition);
      EXPECT_TRUE(links().Check(kTenant, *link, kNow)) << name;
    }
  }
}

TEST_F(FileLinksTest, NamesThatAreNoFileNamesAreMalformed) {
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string("a/b"), std::string("a\0b", 3),
        std::string("a\nb"), std::string("\x7F"), std::string("\xC2\x85"), std::string("\xFF"), std::string("\xC0\xAF"),
        std::string("\xED\xA0\x80"), std::string(256, 'x')}) {
    EXPECT_EQ(Outcome(Sign(name)), ErrorCode::kBadRequest) << name;
  }
}

TEST_F(FileLinksTest, IsGoodUntilTheInstantItExpiresAndNotAfter) {
  const std::string target = Sign("a.pdf");
  EXPECT_EQ(Outcome(target, kTenant, kNow), std::nullopt);
  EXPECT_EQ(Outcome(target, kTenant, kExpiry - milliseconds{1}), std::nullopt);
  EXPECT_EQ(Outcome(target, kTenant, kExpiry), ErrorCode::kSignatureExpired);
  EXPECT_EQ(Outcome(target, kTenant, kExpiry + milliseconds{1000}), ErrorCode::kSignatureExpired);
}

TEST_F(FileLinksTest, RefusesAnExpiryFurtherAheadThanTheLifetime) {
  const std::string target = Sign("a.pdf");
  EXPECT_EQ(Outcome(target, kTenant, kNow - milliseconds{1}), ErrorCode::kSignatureInvalid);
  EXPECT_EQ(Outcome(target, kTenant, kNow - std::chrono::hours{24}), ErrorCode::kSignatureInvalid);
}

TEST_F(FileLinksTest, AWrongSignatureIsWrongEvenWhenItHasExpired) {
  std::string target = Sign("a.pdf");
  target.back() = target.back() == '0' ? '1' : '0';
  EXPECT_EQ(Outcome(target, kTenant, kExpiry + std::chrono::hours{1}), ErrorCode::kSignatureInvalid);
}

TEST_F(FileLinksTest, IsBoundToItsTenant) {
  EXPECT_EQ(Outcome(Sign("a.pdf"), base::TenantId{8}), ErrorCode::kSignatureInvalid);
}

TEST_F(FileLinksTest, FieldsCannotLendEachOtherBytes) {
  std::string moved, target;
  links().For(kTenant, "bucket", "job_a", kExpiry, "client", Disposition::kUnspecified).Append("name", target);
  links().For(kTenant, "bucketj", "ob_a", kExpiry, "client", Disposition::kUnspecified).Append("name", moved);
  EXPECT_NE(target.substr(target.size() - 64), moved.substr(moved.size() - 64));
}

TEST_F(FileLinksTest, RetiredKeysVerifyUntilTheirEnd) {
  const std::string target = SignWith(kRetiredSecret, "a.pdf");
  EXPECT_EQ(Outcome(target, kTenant, kRetiredUntil - milliseconds{1}), std::nullopt);
  EXPECT_EQ(Outcome(target, kTenant, kRetiredUntil), ErrorCode::kSignatureInvalid);
  EXPECT_EQ(Outcome(SignWith(crypto::Secret{1}, "a.pdf")), ErrorCode::kSignatureInvalid);
}

}  // namespace
}  // namespace portal::service
