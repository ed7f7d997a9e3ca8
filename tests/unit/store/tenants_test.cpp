#include "unit/store/store_fixture.h"

namespace portal::store::testing {
namespace {

using Hash = std::array<unsigned char, 32>;

Hash HashOf(unsigned char byte) {
  Hash hash;
  hash.fill(byte);
  return hash;
}

class TenantRows : public StoreTest {
 protected:
  TenantRows() {
    Write([&](WriteTransaction& t) -> base::Status {
      EXPECT_TRUE(t.CreateClient(Client("shop", acme_)));
      EXPECT_TRUE(t.CreateToken(acme_, TokenOf("tok_1", "shop"), HashOf(1)));
      return {};
    });
  }
  static model::Client Client(std::string id, const base::TenantId& tenant) {
    return {
        .id = base::ClientId(std::move(id)), .tenant = tenant, .name = "Shop", .revoked = false, .created_at = Ms(5)};
  }
  static model::Token TokenOf(std::string id, std::string client) {
    return {.id = std::move(id),
            .client = base::ClientId(std::move(client)),
            .label = "first",
            .created_at = Ms(6),
            .expires_at = Ms(7'000),
            .revoked_at = std::nullopt};
  }
  bool TokenIsUsable() { return reader().tenants.FindToken(HashOf(1)).value().value().usable; }
  bool ClientIsUsable() { return reader().tenants.FindClient("shop").value().value().usable; }
};

TEST_F(TenantRows, AreFoundBySlugAndListed) {
  const auto acme = reader().tenants.FindBySlug("acme");
  ASSERT_TRUE(acme);
  EXPECT_EQ(acme->id, acme_);
  EXPECT_EQ(acme->name, "Acme");
  EXPECT_EQ(acme->bucket, "acme-files");
  EXPECT_FALSE(acme->suspended);
  const auto all = reader().tenants.All();
  ASSERT_EQ(all.value().size(), 2u);
  EXPECT_EQ(all->at(1).slug, "globex");
  const auto unknown = reader().tenants.FindBySlug("nobody");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, base::ErrorCode::kNotFound);
  EXPECT_NE(unknown.error().detail.find("nobody"), std::string::npos);
  EXPECT_EQ(reader().tenants.Bucket(globex_), "globex-files");
  EXPECT_EQ(reader().tenants.Revision(base::TenantId(99)).error().code, base::ErrorCode::kNotFound);
}

TEST_F(TenantRows, AreFoundByIdAndAddedUp) {
  const auto acme = reader().tenants.Find(acme_);
  ASSERT_TRUE(acme && *acme);
  EXPECT_EQ((*acme)->slug, "acme");
  EXPECT_FALSE(reader().tenants.Find(base::TenantId(99)).value());
  Write([&](WriteTransaction& t) { return t.ChangeTenant(globex_, {.suspended = true}); });
  const auto totals = reader().tenants.Totals();
  ASSERT_TRUE(totals);
  EXPECT_EQ(totals->tenants, 2);
  EXPECT_EQ(totals->suspended, 1);
  EXPECT_EQ(totals->contacts, 0);
  EXPECT_EQ(reader().tenants.ClientIds().value(), std::vector{base::ClientId("shop")});
}

TEST_F(TenantRows, HaveNamesThatATerminalCanShow) {
  Write([&](WriteTransaction& t) -> base::Status {
    for (const std::string& name :
         {std::string("a\nb"), std::string("\x1B[2J"), std::string("\xFF"), std::string(201, 'x'), std::string()}) {
      model::Client client = Client("web", acme_);
      client.name = name;
      model::Token token = TokenOf("tok_2", "shop");
      token.label = name.empty() ? "\n" : name;  // a token needs no label
      const struct {
        base::Status refused;
        const char* detail;
      } cases[] = {{t.CreateTenant("third", name, "third-files").map([](const auto&) {}), "name: must be 1 to 200"},
                   {t.CreateClient(client), "name: must be 1 to 200"},
                   {t.CreateToken(acme_, token, HashOf(2)), "label: must be 1 to 200"}};
      for (const auto& row : cases) {
        EXPECT_FALSE(row.refused) << row.detail;
        EXPECT_EQ(row.refused.error().code, base::ErrorCode::kValidation);
        EXPECT_TRUE(row.refused.error().detail.starts_with(row.detail)) << row.refused.error().detail;
      }
    }
    model::Token unnamed = TokenOf("tok_2", "shop");
    unnamed.label.clear();
    EXPECT_TRUE(t.CreateToken(acme_, unnamed, HashOf(2)));
    return {};
  });
}

TEST_F(TenantRows, LeadFromATokenToItsClient) {
  const auto entry = reader().tenants.FindToken(HashOf(1));
  ASSERT_TRUE(entry.value().has_value());
  EXPECT_EQ((*entry)->tenant, acme_);
  EXPECT_EQ((*entry)->client, base::ClientId("shop"));
  EXPECT_TRUE((*entry)->usable);
  EXPECT_EQ((*entry)->expires_at, Ms(7'000));
  EXPECT_EQ(reader().tenants.FindToken(HashOf(2)).value(), std::nullopt);
  EXPECT_EQ(reader().tenants.FindClient("nobody").value(), std::nullopt);
  EXPECT_TRUE(ClientIsUsable());
}

TEST_F(TenantRows, OfASuspendedTenantAreNotUsableUntilItIsResumed) {
  Write([&](WriteTransaction& t) { return t.ChangeTenant(acme_, {.suspended = true}); });
  EXPECT_FALSE(TokenIsUsable());
  EXPECT_FALSE(ClientIsUsable());
  EXPECT_TRUE(reader().tenants.FindBySlug("acme")->suspended);
  Write([&](WriteTransaction& t) { return t.ChangeTenant(acme_, {.suspended = false}); });
  EXPECT_TRUE(TokenIsUsable());
}

TEST_F(TenantRows, OfARevokedClientAreNotUsable) {
  Write([&](WriteTransaction& t) { return t.RevokeClient(acme_, base::ClientId("shop")); });
  EXPECT_FALSE(TokenIsUsable());
  EXPECT_FALSE(ClientIsUsable());
  EXPECT_TRUE(reader().tenants.Clients(acme_).value().at(0).revoked);
}

TEST_F(TenantRows, OfARevokedTokenEndWithItAlone) {
  Write([&](WriteTransaction& t) { return t.RevokeToken(acme_, "tok_1"); });
  EXPECT_FALSE(TokenIsUsable());
  EXPECT_TRUE(ClientIsUsable());
  const auto first = reader().tenants.Tokens(acme_).value().at(0).revoked_at;
  EXPECT_TRUE(first);
  Write([&](WriteTransaction& t) { return t.RevokeToken(acme_, "tok_1"); });
  EXPECT_EQ(reader().tenants.Tokens(acme_).value().at(0).revoked_at, first);
}

TEST_F(TenantRows, AreListedForTheirTenantOnly) {
  EXPECT_EQ(reader().tenants.Clients(acme_).value().size(), 1u);
  EXPECT_TRUE(reader().tenants.Clients(globex_).value().empty());
  EXPECT_EQ(reader().tenants.Tokens(acme_).value().at(0).label, "first");
  EXPECT_TRUE(reader().tenants.Tokens(globex_).value().empty());
}

TEST_F(TenantRows, AreRefusedWithTheRightError) {
  using base::ErrorCode;
  Write([&](WriteTransaction& t) -> base::Status {
    EXPECT_EQ(t.CreateTenant("acme", "x", "fresh").error().code, ErrorCode::kConflict);
    EXPECT_EQ(t.CreateTenant("fresh", "x", "acme-files").error().code, ErrorCode::kConflict);
    EXPECT_EQ(t.CreateTenant("Not A Slug", "x", "fresh").error().code, ErrorCode::kValidation);
    EXPECT_EQ(t.CreateClient(Client("shop", globex_)).error().code, ErrorCode::kConflict) << "ids are global";
    EXPECT_EQ(t.CreateClient(Client("new", base::TenantId(99))).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(t.CreateClient(Client("with space", acme_)).error().code, ErrorCode::kValidation);
    EXPECT_EQ(t.CreateToken(globex_, TokenOf("tok_2", "shop"), HashOf(2)).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(t.CreateToken(acme_, TokenOf("tok_2", "shop"), HashOf(1)).error().code, ErrorCode::kConflict);
    EXPECT_EQ(t.RevokeClient(globex_, base::ClientId("shop")).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(t.RevokeToken(globex_, "tok_1").error().code, ErrorCode::kNotFound);
    EXPECT_EQ(t.ChangeTenant(base::TenantId(99), {.suspended = true}).error().code, ErrorCode::kNotFound);
    return {};
  });
  EXPECT_TRUE(TokenIsUsable());
}

TEST_F(TenantRows, MoveTheDataVersionOfEveryReader) {
  const auto first = reader(0).DataVersion().value();
  const auto second = reader(1).DataVersion().value();
  EXPECT_EQ(reader(0).DataVersion(), first);
  Write([&](WriteTransaction& t) { return t.RevokeToken(acme_, "tok_1"); });
  EXPECT_NE(reader(0).DataVersion(), first);
  EXPECT_NE(reader(1).DataVersion(), second);
}

}  // namespace
}  // namespace portal::store::testing
