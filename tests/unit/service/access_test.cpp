#include "service/access.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "crypto/token.h"
#include "store/writer.h"
#include "unit/service/access_fixture.h"

namespace portal::service {
namespace {

using base::ErrorCode;
using Disposition = http::FileGrant::Disposition;

class AccessTest : public AccessFixture {};

TEST_F(AccessTest, ATokenNamesItsClientAndTenant) {
  const base::TenantId other = CreateTenant("globex");
  CreateClient(other, "client_g");
  CreateToken(other, "client_g", "tok_1", "token_g");
  for (int again = 0; again < 2; ++again) {
    const auto a = access_.CheckBearer({0}, "token_a", Now());
    const auto g = access_.CheckBearer({0}, "token_g", Now());
    ASSERT_TRUE(a && g);
    EXPECT_EQ(a->tenant, tenant_);
    EXPECT_EQ(a->client.value(), "client_a");
    EXPECT_EQ(g->tenant, other);
    EXPECT_EQ(g->client.value(), "client_g");
  }
}

TEST_F(AccessTest, WhatIsNoTokenOfOursIsInvalid) {
  CreateToken(tenant_, "client_a", "tok_long", std::string(257, 'x'));
  CreateToken(tenant_, "client_a", "tok_fits", std::string(256, 'x'));
  EXPECT_EQ(Bearer(std::string(256, 'x')), std::nullopt);
  for (const std::string& token :
       {std::string(), std::string("token_b"), std::string("token_"), std::string("token_a "), std::string("TOKEN_A"),
        std::string("token_a\0", 8), std::string("client_a"), std::string(257, 'x')}) {
    EXPECT_EQ(Bearer(token), ErrorCode::kInvalidToken) << token;
  }
}

TEST_F(AccessTest, ATokenThatIsMadeLaterWorksAtOnce) {
  EXPECT_EQ(Bearer("token_new"), ErrorCode::kInvalidToken);
  CreateToken(tenant_, "client_a", "tok_2", "token_new");
  EXPECT_EQ(Bearer("token_new"), std::nullopt);
}

TEST_F(AccessTest, ATokenEndsAtTheInstantItExpires) {
  using std::chrono::milliseconds;
  const base::WallTime expires = Now() + milliseconds{1000};
  CreateToken(tenant_, "client_a", "tok_2", "brief", expires);
  EXPECT_EQ(Bearer("brief"), std::nullopt);
  clock_.SetWall(expires - milliseconds{1});
  EXPECT_EQ(Bearer("brief"), std::nullopt);
  clock_.SetWall(expires);
  EXPECT_EQ(Bearer("brief"), ErrorCode::kInvalidToken);
}

TEST_F(AccessTest, WhatANeighbourRevokesEndsAtOnceForEveryWorker) {
  CreateToken(tenant_, "client_a", "tok_2", "token_2");
  for (const std::size_t worker : {0, 1}) {
    ASSERT_EQ(Bearer("token_a", worker), std::nullopt);
    ASSERT_EQ(Bearer("token_2", worker), std::nullopt);
  }
  Change([&](store::WriteTransaction& t) { return t.RevokeToken(tenant_, "tok_1"); });
  for (const std::size_t worker : {0, 1}) {
    EXPECT_EQ(Bearer("token_a", worker), ErrorCode::kInvalidToken);
    EXPECT_EQ(Bearer("token_2", worker), std::nullopt);
  }
}

TEST_F(AccessTest, WhatANeighbourRevokesEndsWhileTheWallStandsStill) {
  const base::WallTime wall = Now();
  ASSERT_EQ(Bearer("token_a"), std::nullopt);
  Change([&](store::WriteTransaction& t) { return t.RevokeToken(tenant_, "tok_1"); });
  clock_.SetWall(wall);
  EXPECT_EQ(Bearer("token_a"), ErrorCode::kInvalidToken);
}

TEST_F(AccessTest, ARevokedClientEndsItsTokensAndUrls) {
  CreateClient(tenant_, "client_b");
  CreateToken(tenant_, "client_b", "tok_2", "token_b");
  const std::string url_a = Sign(tenant_, "client_a"), url_b = Sign(tenant_, "client_b");
  ASSERT_EQ(Bearer("token_a"), std::nullopt);
  ASSERT_EQ(SignedUrl(url_a), std::nullopt);
  Change([&](store::WriteTransaction& t) { return t.RevokeClient(tenant_, base::ClientId("client_a")); });
  EXPECT_EQ(Bearer("token_a"), ErrorCode::kInvalidToken);
  EXPECT_EQ(SignedUrl(url_a), ErrorCode::kSignatureInvalid);
  EXPECT_EQ(Bearer("token_b"), std::nullopt);
  EXPECT_EQ(SignedUrl(url_b), std::nullopt);
}

TEST_F(AccessTest, ASuspendedTenantIsOutUntilItIsBack) {
  const std::string url = Sign(tenant_, "client_a");
  ASSERT_EQ(SignedUrl(url), std::nullopt);
  Change([&](store::WriteTransaction& t) { return t.ChangeTenant(tenant_, {.suspended = true}); });
  EXPECT_EQ(Bearer("token_a"), ErrorCode::kInvalidToken);
  EXPECT_EQ(SignedUrl(url), ErrorCode::kSignatureInvalid);
  Change([&](store::WriteTransaction& t) { return t.ChangeTenant(tenant_, {.suspended = false}); });
  EXPECT_EQ(Bearer("token_a"), std::nullopt);
  EXPECT_EQ(SignedUrl(url), std::nullopt);
}

TEST_F(AccessTest, ASignedUrlGrantsExactlyWhatItSays) {
  const auto grant = access_.CheckSignedUrl({1}, Sign(tenant_, "client_a"), Now());
  ASSERT_TRUE(grant) << grant.error().detail;
  EXPECT_EQ(grant->tenant, tenant_);
  EXPECT_EQ(grant->client.value(), "client_a");
  EXPECT_EQ(grant->bucket, "acme-files");
  EXPECT_EQ(grant->job_id.value(), "job_1");
  EXPECT_EQ(grant->name, "a b.pdf");
  EXPECT_EQ(grant->expires, links_.Expiry(Now()));
  EXPECT_EQ(grant->disposition, Disposition::kInline);
}

TEST_F(AccessTest, ASignedUrlIsRefusedForTheFirstReasonThatHolds) {
  const base::TenantId other = CreateTenant("globex");
  CreateClient(other, "client_g");
  const std::string url = Sign(tenant_, "client_a");
  std::string forged = url;
  forged.back() = forged.back() == '0' ? '1' : '0';
  EXPECT_EQ(SignedUrl("/files/acme-files/jobs/job_1/files/a"), ErrorCode::kBadRequest);
  EXPECT_EQ(SignedUrl(forged), ErrorCode::kSignatureInvalid);
  EXPECT_EQ(SignedUrl(Sign(tenant_, "client_unknown")), ErrorCode::kSignatureInvalid);
  // A signature over one tenant, in the name of another tenant's client.
  EXPECT_EQ(SignedUrl(Sign(tenant_, "client_g")), ErrorCode::kSignatureInvalid);
  clock_.Advance(std::chrono::minutes{15});
  EXPECT_EQ(SignedUrl(url), ErrorCode::kSignatureExpired);
  EXPECT_EQ(SignedUrl(forged), ErrorCode::kSignatureInvalid);
}

TEST_F(AccessTest, AMisprintedTokenIsRefusedWithoutTheStore) {
  const std::string token = crypto::NewBearerToken();
  CreateToken(tenant_, "client_a", "tok_2", token);
  ASSERT_EQ(Bearer(token), std::nullopt);
  std::string misprint = token;
  misprint.back() = misprint.back() == 'a' ? 'b' : 'a';
  // Even if the store knew it.
  CreateToken(tenant_, "client_a", "tok_3", misprint);
  EXPECT_EQ(Bearer(misprint), ErrorCode::kInvalidToken);
  EXPECT_EQ(Bearer(token.substr(0, 20)), ErrorCode::kInvalidToken);
  EXPECT_EQ(Bearer(token), std::nullopt);
}

TEST_F(AccessTest, ATokenBringsItsScopes) {
  Change([&](store::WriteTransaction& t) -> base::Status {
    model::Token writing{"tok_w", base::ClientId("client_a"), "", Now(), std::nullopt, std::nullopt};
    writing.scopes = model::kClientScopes;
    if (auto made = t.CreateToken(tenant_, writing, crypto::Sha256("writes")); !made) return made;
    model::OperatorToken operating{"tok_o", "", model::kAdminScope, Now(), std::nullopt, std::nullopt};
    return t.CreateOperatorToken(operating, crypto::Sha256("operates"));
  });
  struct Case {
    const char* token;
    base::TenantId tenant;
    const char* client;
    model::Scopes scopes;
  };
  for (const Case& given : {Case{"token_a", tenant_, "client_a", model::kReadScope},
                            Case{"writes", tenant_, "client_a", model::kClientScopes},
                            Case{"operates", base::TenantId{}, "", model::kAdminScope}}) {
    const auto identity = access_.CheckBearer({0}, given.token, Now());
    ASSERT_TRUE(identity) << given.token;
    EXPECT_EQ(identity->tenant, given.tenant) << given.token;
    EXPECT_EQ(identity->client.value(), given.client);
    EXPECT_EQ(identity->scopes, given.scopes) << given.token;
  }
  Change([&](store::WriteTransaction& t) { return t.RevokeOperatorToken("tok_o"); });
  EXPECT_EQ(Bearer("operates"), ErrorCode::kInvalidToken);
}

TEST_F(AccessTest, UsesAreWrittenWhenTheyAreAskedForAndOnlyThen) {
  const base::WallTime first = Now();
  ASSERT_EQ(Bearer("token_a"), std::nullopt);
  EXPECT_EQ(LastUsed("tok_1"), std::nullopt);
  ASSERT_TRUE(access_.WriteUses());
  EXPECT_EQ(LastUsed("tok_1"), first);
}

TEST_F(AccessTest, UsesWithinAMinuteAreOneAndTheNewestOfAllWorkersCounts) {
  const base::WallTime first = Now();
  ASSERT_EQ(Bearer("token_a", 0), std::nullopt);
  ASSERT_TRUE(access_.WriteUses());
  const std::uint32_t version = *neighbour_->reader({0}).DataVersion();
  clock_.Advance(std::chrono::seconds{59});
  ASSERT_EQ(Bearer("token_a", 1), std::nullopt);
  ASSERT_TRUE(access_.WriteUses());
  EXPECT_EQ(LastUsed("tok_1"), first);
  EXPECT_EQ(*neighbour_->reader({0}).DataVersion(), version) << "nothing was committed";

  clock_.Advance(std::chrono::seconds{2});
  ASSERT_EQ(Bearer("token_a", 0), std::nullopt);
  clock_.Advance(std::chrono::seconds{3});
  const base::WallTime last = Now();
  ASSERT_EQ(Bearer("token_a", 1), std::nullopt);
  clock_.Advance(std::chrono::seconds{4});
  ASSERT_TRUE(access_.WriteUses());
  EXPECT_LE(last - *LastUsed("tok_1"), std::chrono::minutes{1});
  EXPECT_GT(*LastUsed("tok_1"), first);
}

TEST_F(AccessTest, UsesOfOperatorsAreWrittenTooAndRefusedTokensHaveNone) {
  Change([&](store::WriteTransaction& t) {
    const model::OperatorToken token{"tok_o", "", model::kMetricsScope, Now(), std::nullopt, std::nullopt};
    return t.CreateOperatorToken(token, crypto::Sha256("operates"));
  });
  CreateToken(tenant_, "client_a", "tok_2", "brief", Now() + std::chrono::seconds{1});
  const base::WallTime used = Now();
  ASSERT_EQ(Bearer("operates"), std::nullopt);
  clock_.Advance(std::chrono::seconds{1});
  ASSERT_EQ(Bearer("brief"), ErrorCode::kInvalidToken);
  ASSERT_TRUE(access_.WriteUses());
  EXPECT_EQ(neighbour_->reader({0}).tenants.OperatorTokens()->front().last_used_at, used);
  EXPECT_EQ(LastUsed("tok_2"), std::nullopt);
}

TEST_F(AccessTest, UsesFromBeforeARewindAreNotWrittenAfterIt) {
  CreateToken(tenant_, "client_a", "tok_2", "token_2");
  ASSERT_EQ(Bearer("token_a", 0), std::nullopt);
  ASSERT_TRUE(access_.WriteUses());
  clock_.Advance(std::chrono::seconds{30});
  ASSERT_EQ(Bearer("token_2", 0), std::nullopt);
  const auto rewind = [&]() -> base::Status {
    EXPECT_EQ(Bearer("token_2", 1), std::nullopt);
    // What a store that is put back and one that was restored have in common.
    Change([&](store::WriteTransaction& t) { return t.NoteTokenUse(tenant_, "tok_1", base::WallTime{}); });
    return {};
  };
  ASSERT_TRUE(access_.ForgetUsesAround(rewind));
  ASSERT_TRUE(access_.WriteUses());
  EXPECT_EQ(LastUsed("tok_2"), std::nullopt);
  // Nor does it count that this one was written half a minute ago.
  const base::WallTime used = Now();
  ASSERT_EQ(Bearer("token_a", 0), std::nullopt);
  ASSERT_TRUE(access_.WriteUses());
  EXPECT_EQ(LastUsed("tok_1"), used);
}

TEST_F(AccessTest, AUseMovesNoRevisionAndAFailedNoteIsLostAlone) {
  const auto revision = [&] { return *neighbour_->reader({0}).tenants.Revision(tenant_); };
  const std::int64_t before = revision();
  ASSERT_EQ(Bearer("token_a"), std::nullopt);
  ASSERT_TRUE(access_.WriteUses());
  EXPECT_EQ(revision(), before);

  clock_.Advance(std::chrono::minutes{2});
  ASSERT_EQ(Bearer("token_a"), std::nullopt);
  std::filesystem::rename(folder_.path() / "portal.lock", folder_.path() / "elsewhere");
  const auto failed = access_.WriteUses();
  std::filesystem::rename(folder_.path() / "elsewhere", folder_.path() / "portal.lock");
  EXPECT_FALSE(failed);
  EXPECT_EQ(Bearer("token_a"), std::nullopt);
  clock_.Advance(std::chrono::minutes{2});
  const base::WallTime used = Now();
  ASSERT_EQ(Bearer("token_a"), std::nullopt);
  ASSERT_TRUE(access_.WriteUses());
  EXPECT_EQ(LastUsed("tok_1"), used);
}

TEST_F(AccessTest, AStoreThatCannotBeReadIsUnavailableAndNotARefusal) {
  const std::string url = Sign(tenant_, "client_a");
  for (const char* file : {"portal.db", "portal.db-wal"}) std::filesystem::resize_file(folder_.path() / file, 0);
  EXPECT_EQ(Bearer("token_a"), ErrorCode::kUnavailable);
  EXPECT_EQ(SignedUrl(url), ErrorCode::kUnavailable);
}

TEST_F(AccessTest, MoreClientsThanItRemembersAllWork) {
  constexpr int kClients = 4100;
  Change([&](store::WriteTransaction& t) -> base::Status {
    for (int i = 0; i < kClients; ++i) {
      const std::string id = "many_" + std::to_string(i);
      if (auto made = t.CreateClient({base::ClientId(id), tenant_, id, false, Now()}); !made) return made;
    }
    return {};
  });
  for (int again = 0; again < 2; ++again) {
    for (int i = 0; i < kClients; ++i) {
      ASSERT_EQ(SignedUrl(Sign(tenant_, "many_" + std::to_string(i))), std::nullopt) << i;
    }
  }
  Change([&](store::WriteTransaction& t) { return t.RevokeClient(tenant_, base::ClientId("many_7")); });
  EXPECT_EQ(SignedUrl(Sign(tenant_, "many_7")), ErrorCode::kSignatureInvalid);
  EXPECT_EQ(SignedUrl(Sign(tenant_, "many_8")), std::nullopt);
}

TEST_F(AccessTest, MoreTokensThanItRemembersAllWork) {
  constexpr int kTokens = 4100;
  Change([&](store::WriteTransaction& t) -> base::Status {
    for (int i = 0; i < kTokens; ++i) {
      const std::string n = std::to_string(i);
      const model::Token row{"tok_m" + n, base::ClientId("client_a"), "", Now(), std::nullopt, std::nullopt};
      if (auto made = t.CreateToken(tenant_, row, crypto::Sha256("many_" + n)); !made) return made;
    }
    return {};
  });
  for (int again = 0; again < 2; ++again) {
    for (int i = 0; i < kTokens; ++i) ASSERT_EQ(Bearer("many_" + std::to_string(i)), std::nullopt) << i;
  }
}

}  // namespace
}  // namespace portal::service
