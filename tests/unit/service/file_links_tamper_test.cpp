// The tamper matrix: whatever is done to a signed target, it is refused, as malformed or as forged.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <vector>

#include "unit/service/file_links_fixture.h"

namespace portal::service {
namespace {

using base::ErrorCode;

class TamperedLink : public FileLinksFixture {
 protected:
  void ExpectRefused(const std::string& target, const std::string& what) {
    const auto outcome = Outcome(target);
    EXPECT_TRUE(outcome == ErrorCode::kBadRequest || outcome == ErrorCode::kSignatureInvalid)
        << what << " was accepted: " << target;
  }

  /// One link of each shape: escapes and none, with and without a disposition.
  std::vector<std::string> Targets() {
    return {Sign("a.pdf"), Sign("roof 🏠 100%.png", Disposition::kInline), Sign("x", Disposition::kAttachment)};
  }
};

TEST_F(TamperedLink, IsRefusedForAnyByteThatIsChanged) {
  for (const std::string& target : Targets()) {
    ASSERT_EQ(Outcome(target), std::nullopt);
    for (std::size_t i = 0; i < target.size(); ++i) {
      for (int byte = 0; byte < 256; ++byte) {
        if (static_cast<char>(byte) == target[i]) continue;
        std::string other = target;
        other[i] = static_cast<char>(byte);
        ExpectRefused(other, "byte " + std::to_string(i) + " changed");
      }
    }
  }
}

TEST_F(TamperedLink, IsRefusedForAnyByteThatIsDroppedOrDoubled) {
  for (const std::string& target : Targets()) {
    for (std::size_t i = 0; i < target.size(); ++i) {
      ExpectRefused(std::string(target).erase(i, 1), "byte " + std::to_string(i) + " dropped");
      ExpectRefused(std::string(target).insert(i, 1, target[i]), "byte " + std::to_string(i) + " doubled");
    }
  }
}

TEST_F(TamperedLink, IsRefusedForAnyTailThatIsCutOffAndAnythingAppended) {
  for (const std::string& target : Targets()) {
    for (std::size_t i = 0; i < target.size(); ++i) ExpectRefused(target.substr(0, i), "cut");
    for (const char* tail : {"&", "#", "?", " ", "%00", "&x", "&x=1", "/", ";a=b"}) ExpectRefused(target + tail, tail);
  }
}

TEST_F(TamperedLink, IsRefusedForParametersInAnyOtherOrderRepeatedMissingOrAdded) {
  const std::string target = Sign("a.pdf", Disposition::kInline);
  const std::size_t question = target.find('?');
  const std::string path = target.substr(0, question + 1);
  const std::vector<std::string> parameters = {"expires=1756807500", "client=client_prod", "disposition=inline",
                                               target.substr(target.find("signature="))};
  const auto join = [&](const std::vector<std::string>& list) {
    std::string joined = path + list.front();
    for (std::size_t i = 1; i < list.size(); ++i) joined += "&" + list[i];
    return joined;
  };
  ASSERT_EQ(join(parameters), target);

  std::vector<std::string> order = parameters;
  std::sort(order.begin(), order.end());
  std::set<std::string> seen;
  do {
    if (order != parameters) ExpectRefused(join(order), "another order");
    seen.insert(join(order));
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(seen.size(), 24u);

  for (std::size_t i = 0; i < parameters.size(); ++i) {
    std::vector<std::string> without = parameters;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    ExpectRefused(join(without), "without " + parameters[i]);
    for (std::size_t at = 0; at <= parameters.size(); ++at) {
      for (const std::string& added : {parameters[i], std::string("x=1"), std::string("x"), std::string()}) {
        std::vector<std::string> with = parameters;
        with.insert(with.begin() + static_cast<std::ptrdiff_t>(at), added);
        ExpectRefused(join(with), "with " + added);
      }
    }
  }
}

TEST_F(TamperedLink, IsRefusedInAnyOtherSpellingOfTheSameLink) {
  const std::string target = Sign("a b~Ä.pdf");
  struct Case {
    const char* what;
    std::string from;
    std::string to;
  };
  const std::vector<Case> cases = {
      {"lower-case escape", "%C3", "%c3"},
      {"plus for a space", "a%20b", "a+b"},
      {"raw space", "a%20b", "a b"},
      {"escaped letter", "a%20b", "%61%20b"},
      {"escaped tilde", "~", "%7E"},
      {"escaped dot", ".pdf", "%2Epdf"},
      {"raw umlaut", "%C3%84", "\xC3\x84"},
      {"decoded twice", "a%20b", "a%2520b"},
      {"escaped bucket", "portal-files-prod", "portal%2Dfiles%2Dprod"},
      {"escaped job", "job_prod_test", "job%5Fprod_test"},
      {"escaped client", "client_prod", "client%5Fprod"},
      {"escaped parameter name", "expires", "%65xpires"},
      {"doubled slash", "/jobs/", "//jobs/"},
      {"dot segment", "/jobs/", "/./jobs/"},
      {"dot-dot segment", "/jobs/", "/x/../jobs/"},
      {"upper-case path", "/files/portal", "/Files/portal"},
      {"absolute form", "/files/portal", "http://127.0.0.1/files/portal"},
      {"leading zero", "expires=1", "expires=01"},
      {"plus sign", "expires=1", "expires=+1"},
      {"minus sign", "expires=1", "expires=-1"},
      {"fraction", "expires=1756807500", "expires=1756807500.0"},
      {"exponent", "expires=1756807500", "expires=17568075e2"},
      {"hexadecimal", "expires=1756807500", "expires=0x68b6bbcc"},
      {"13 digits", "expires=1756807500", "expires=1756807500000"},
      {"overflow", "expires=1756807500", "expires=18446744075466359116"},
      {"no expiry", "expires=1756807500", "expires="},
      {"empty disposition", "&signature", "&disposition=&signature"},
      {"unknown disposition", "&signature", "&disposition=INLINE&signature"},
      {"empty client", "client=client_prod", "client="},
      {"other client", "client=client_prod", "client=client_load"},
      {"other expiry", "expires=1756807500", "expires=1756807499"},
      {"other job", "job_prod_test", "job_prod_tesu"},
  };
  for (const Case& c : cases) {
    const std::size_t at = target.find(c.from);
    ASSERT_NE(at, std::string::npos) << c.what;
    ExpectRefused(std::string(target).replace(at, c.from.size(), c.to), c.what);
  }
  const std::size_t digits = target.size() - 64;
  std::string upper = target;
  for (std::size_t i = digits; i < upper.size(); ++i) upper[i] = static_cast<char>(std::toupper(upper[i]));
  ASSERT_NE(upper, target);
  EXPECT_EQ(Outcome(upper), ErrorCode::kBadRequest);
}

TEST_F(TamperedLink, TheSignatureOfAnotherLinkDoesNotFit) {
  const std::string target = Sign("a.pdf");
  for (const std::string& other : {Sign("b.pdf"), Sign("a.pdf", Disposition::kInline)}) {
    const std::string forged = target.substr(0, target.size() - 64) + other.substr(other.size() - 64);
    EXPECT_EQ(Outcome(forged), ErrorCode::kSignatureInvalid);
  }
}

}  // namespace
}  // namespace portal::service
