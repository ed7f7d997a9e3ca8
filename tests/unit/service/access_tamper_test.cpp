// Twenty thousand signed targets that somebody has tampered with, against the whole of what checks them: the clients
// and tenants of a store, the keys, the clock.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "support/tampering.h"
#include "unit/service/access_fixture.h"

namespace portal::service {
namespace {

using base::ErrorCode;
using testing::Tampering;
using Disposition = http::FileGrant::Disposition;

constexpr std::size_t kTargets = 20'000;
constexpr std::uint64_t kSeed = 20'250'902;

class AccessTamper : public AccessFixture {
 protected:
  /// Links of two clients of one tenant and one of another, with and without escapes and dispositions.
  std::vector<std::string> Genuine() {
    CreateClient(tenant_, "client_b");
    const base::TenantId other = CreateTenant("globex");
    CreateClient(other, "client_g");
    std::vector<std::string> targets;
    const auto sign = [&](const base::TenantId& tenant, std::string_view client, Disposition disposition) {
      const auto signer = links_.For(tenant, "acme-files", "job_1", links_.Expiry(Now()), client, disposition);
      for (const char* name : {"a b.pdf", "b.pdf", "Größe & Maß 100%.png"}) signer.Append(name, targets.emplace_back());
    };
    for (const auto disposition : {Disposition::kUnspecified, Disposition::kInline, Disposition::kAttachment}) {
      sign(tenant_, "client_a", disposition);
      sign(tenant_, "client_b", disposition);
      sign(other, "client_g", disposition);
    }
    return targets;
  }
};

TEST_F(AccessTamper, NoneOfTwentyThousandTargetsIsAcceptedAndNoneIsAnyonesFaultButTheClients) {
  const std::vector<std::string> genuine = Genuine();
  for (const std::string& target : genuine) ASSERT_EQ(SignedUrl(target), std::nullopt) << target;

  Tampering tampering(genuine, kSeed);
  std::array<std::size_t, Tampering::kKinds.size()> forged{};
  for (std::size_t i = 0; i < kTargets; ++i) {
    const std::size_t kind = i % Tampering::kKinds.size();
    const std::string target = tampering.Make(kind);
    const auto refused = SignedUrl(target);
    ASSERT_TRUE(refused == ErrorCode::kBadRequest || refused == ErrorCode::kSignatureInvalid)
        << Tampering::kKinds[kind] << (refused ? "" : " was accepted") << ": " << target;
    if (refused == ErrorCode::kSignatureInvalid) ++forged[kind];
  }
  // Each kind that leaves a link well-formed gets as far as the signature.
  for (const char* kind : {"bit flip", "letter case", "other part", "other parameter", "missing parameter", "splice"}) {
    const auto* const at = std::ranges::find(Tampering::kKinds, kind);
    EXPECT_GT(forged[static_cast<std::size_t>(at - Tampering::kKinds.begin())], 0u) << kind;
  }
  for (const std::string& target : genuine) EXPECT_EQ(SignedUrl(target), std::nullopt) << target;
}

}  // namespace
}  // namespace portal::service
