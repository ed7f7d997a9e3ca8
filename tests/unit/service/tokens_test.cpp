#include "service/tokens.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "base/logger.h"
#include "crypto/hash.h"
#include "crypto/token.h"
#include "store/database.h"
#include "store/reader.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace portal::service {
namespace {

using base::ErrorCode;
using std::chrono::hours;

class TokensTest : public ::testing::Test {
 protected:
  TokensTest() {
    Change([&](store::WriteTransaction& t) -> base::Status {
      for (const char* slug : {"acme", "globex"}) {
        const auto tenant = t.CreateTenant(slug, slug, slug);
        if (!tenant) return base::Fail(tenant.error());
        (slug == std::string("acme") ? acme_ : globex_) = tenant->id;
      }
      return t.CreateClient({shop_, acme_, "Shop", false, Now()});
    });
  }
  void Change(base::FunctionRef<base::Status(store::WriteTransaction&)> work) {
    const auto status = database_->writer().Write(work);
    ASSERT_TRUE(status) << status.error().detail;
  }
  base::WallTime Now() const { return clock_.Wall(); }
  base::Result<IssuedToken<model::Token>> Issue(TokenWish wish) {
    return IssueClientToken(database_->writer(), acme_, shop_, std::move(wish), Now());
  }
  store::Tenants& tenants() { return database_->reader({0}).tenants; }

  const testing::TempFolder folder_;
  testing::ManualClock clock_;
  base::Logger logger_{clock_, 2, base::LogLevel::kOff};
  const std::unique_ptr<store::Database> database_ =
      *store::Database::Open({folder_.path(), 1, store::Durability::kNone, true}, clock_, logger_);
  const base::ClientId shop_{"shop"};
  base::TenantId acme_, globex_;
};

TEST_F(TokensTest, AClientsTokenIsInTheStoreAsItsHash) {
  const auto issued = Issue({.label = "till", .scopes = model::kClientScopes, .expires_at = Now() + hours{1}});
  ASSERT_TRUE(issued) << issued.error().detail;
  EXPECT_TRUE(crypto::CheckBearerTokenForm(issued->secret));
  EXPECT_TRUE(issued->token.id.starts_with("tok_"));
  const auto found = tenants().FindToken(crypto::Sha256(issued->secret));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->tenant, acme_);
  EXPECT_EQ((*found)->client, shop_);
  EXPECT_EQ((*found)->token_id, issued->token.id);
  EXPECT_EQ((*found)->scopes, model::kClientScopes);
  EXPECT_EQ((*found)->expires_at, Now() + hours{1});
  const auto listed = tenants().Tokens(acme_);
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->front().label, "till");
  EXPECT_EQ(listed->front().created_at, Now());
}

TEST_F(TokensTest, AnOperatorsTokenBelongsToNoTenant) {
  const auto issued =
      IssueOperatorToken(database_->writer(), {.label = "", .scopes = model::kAdminScope, .expires_at = {}}, Now());
  ASSERT_TRUE(issued) << issued.error().detail;
  const auto found = tenants().FindToken(crypto::Sha256(issued->secret));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->tenant, base::TenantId{});
  EXPECT_EQ((*found)->client, base::ClientId{});
  EXPECT_EQ((*found)->scopes, model::kAdminScope);
  EXPECT_FALSE((*found)->expires_at);
}

TEST_F(TokensTest, EachHasASecretAndAnIdOfItsOwn) {
  const auto one = Issue({.scopes = model::kReadScope});
  const auto other = Issue({.scopes = model::kReadScope});
  ASSERT_TRUE(one && other);
  EXPECT_NE(one->secret, other->secret);
  EXPECT_NE(one->token.id, other->token.id);
}

TEST_F(TokensTest, WhatCannotBeIsRefusedAndNothingIsWritten) {
  struct Case {
    const char* what;
    TokenWish wish;
    const char* named;
  };
  for (const Case& given :
       {Case{"no scope", {.scopes = model::Scopes{}}, "scopes:"},
        Case{"an operator's scope", {.scopes = model::kReadScope | model::kAdminScope}, "scopes:"},
        Case{"a label of control characters", {.label = "\n", .scopes = model::kReadScope}, "label:"},
        Case{"an end that is now", {.scopes = model::kReadScope, .expires_at = Now()}, "expires_at:"},
        Case{"an end in the past", {.scopes = model::kReadScope, .expires_at = Now() - hours{1}}, "expires_at:"}}) {
    const auto refused = Issue(given.wish);
    ASSERT_FALSE(refused) << given.what;
    EXPECT_EQ(refused.error().code, ErrorCode::kValidation) << given.what;
    EXPECT_NE(refused.error().detail.find(given.named), std::string::npos) << refused.error().detail;
  }
  const auto scopes = IssueOperatorToken(database_->writer(), {.scopes = model::kReadScope}, Now());
  ASSERT_FALSE(scopes);
  EXPECT_EQ(scopes.error().code, ErrorCode::kValidation);
  EXPECT_TRUE(tenants().Tokens(acme_)->empty());
  EXPECT_TRUE(tenants().OperatorTokens()->empty());
}

TEST(TokenLife, IsBounded) {
  using std::chrono::milliseconds;
  for (const auto& [text, life] :
       {std::pair{"1ms", milliseconds{1}}, {"30d", hours{720}}, {"36500d", hours{876'000}}}) {
    EXPECT_EQ(ParseTokenLife(text), std::optional<milliseconds>(life)) << text;
  }
  for (const char* text :
       {"", "0s", "-1d", "soon", "36501d", "9000000d", "106751991167300d", "99999999999999999999d"}) {
    EXPECT_FALSE(ParseTokenLife(text)) << text;
  }
}

TEST_F(TokensTest, ARevokedOrUnknownClientGetsNone) {
  Change([&](store::WriteTransaction& t) {
    return t.CreateClient({base::ClientId("gone"), acme_, "g", false, Now()});
  });
  Change([&](store::WriteTransaction& t) { return t.RevokeClient(acme_, base::ClientId("gone")); });
  const auto issue = [&](const base::TenantId& tenant, const char* client) {
    return IssueClientToken(database_->writer(), tenant, base::ClientId(client), {.scopes = model::kReadScope}, Now());
  };
  const auto revoked = issue(acme_, "gone");
  ASSERT_FALSE(revoked);
  EXPECT_EQ(revoked.error().code, ErrorCode::kConflict);
  EXPECT_NE(revoked.error().detail.find("revoked for good"), std::string::npos);
  for (const auto& unknown : {issue(acme_, "nobody"), issue(globex_, "shop")}) {
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  }
}

}  // namespace
}  // namespace portal::service
