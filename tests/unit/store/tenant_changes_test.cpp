#include <SQLiteCpp/SQLiteCpp.h>

#include "embedded/migrations.h"
#include "store/migrator.h"
#include "unit/store/store_fixture.h"

namespace portal::store::testing {
namespace {

using base::ErrorCode;
using Hash = std::array<unsigned char, 32>;

Hash HashOf(unsigned char byte) {
  Hash hash;
  hash.fill(byte);
  return hash;
}

class TenantChanges : public StoreTest {
 protected:
  static model::Client Client(std::string id, const base::TenantId& tenant) {
    return {
        .id = base::ClientId(std::move(id)), .tenant = tenant, .name = "Shop", .revoked = false, .created_at = Ms(5)};
  }
  static model::Token Token(std::string id, model::Scopes scopes) {
    return {.id = std::move(id),
            .client = base::ClientId("shop"),
            .label = "",
            .created_at = Ms(6),
            .expires_at = std::nullopt,
            .revoked_at = std::nullopt,
            .scopes = scopes};
  }
  static model::OperatorToken Operator(std::string id, model::Scopes scopes) {
    return {.id = std::move(id),
            .label = "on call",
            .scopes = scopes,
            .created_at = Ms(6),
            .expires_at = Ms(9'000),
            .revoked_at = std::nullopt};
  }
};

TEST_F(TenantChanges, TouchWhatIsGivenAndNothingElse) {
  const auto change = [&](const model::TenantChange& what) {
    Write([&](WriteTransaction& t) { return t.ChangeTenant(acme_, what); });
    return reader().tenants.FindBySlug("acme").value();
  };
  EXPECT_EQ(change({.name = "Acme & Sons"}).name, "Acme & Sons");
  EXPECT_EQ(change({.quota_bytes = 500}).quota_bytes, 500);
  const model::Tenant suspended = change({.suspended = true});
  EXPECT_TRUE(suspended.suspended);
  EXPECT_EQ(suspended.name, "Acme & Sons");
  EXPECT_EQ(suspended.quota_bytes, 500);
  const model::Tenant lifted = change({.quota_bytes = std::optional<std::int64_t>()});
  EXPECT_EQ(lifted.quota_bytes, std::nullopt);
  EXPECT_TRUE(lifted.suspended);
  EXPECT_EQ(reader().tenants.FindBySlug("globex")->name, "Globex");
  Write([&](WriteTransaction& t) -> base::Status {
    EXPECT_EQ(t.ChangeTenant(acme_, {.quota_bytes = -1}).error().code, ErrorCode::kValidation);
    EXPECT_EQ(t.ChangeTenant(acme_, {.name = "a\nb"}).error().code, ErrorCode::kValidation);
    return {};
  });
}

TEST_F(TenantChanges, ThatDeleteEndAllAccessAtOnceAndFreeTheNames) {
  PutContacts(acme_, {MakeContact(1, "Ada")});
  Write([&](WriteTransaction& t) -> base::Status {
    EXPECT_TRUE(t.CreateClient(Client("shop", acme_)));
    EXPECT_TRUE(t.CreateToken(acme_, Token("tok_1", model::kReadScope), HashOf(1)));
    return t.DeleteTenant(acme_);
  });
  EXPECT_EQ(reader().tenants.FindToken(HashOf(1)).value(), std::nullopt);
  EXPECT_EQ(reader().tenants.FindClient("shop").value(), std::nullopt);
  EXPECT_EQ(reader().tenants.FindBySlug("acme").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(reader().tenants.All()->size(), 1u);
  base::TenantId next;
  Write([&](WriteTransaction& t) -> base::Status {
    const auto again = t.CreateTenant("acme", "Acme", "acme-files");
    EXPECT_TRUE(again);
    next = again->id;
    EXPECT_TRUE(t.CreateClient(Client("shop", next))) << "client ids are free as well";
    return {};
  });
  EXPECT_NE(next, acme_);
  EXPECT_TRUE(ListContacts(next, {}).ids.empty());
}

TEST_F(TenantChanges, AreRefusedForADeletedTenant) {
  Write([&](WriteTransaction& t) { return t.DeleteTenant(acme_); });
  const std::function<base::Status(WriteTransaction&)> changes[] = {
      [&](WriteTransaction& t) { return t.DeleteTenant(acme_); },
      [&](WriteTransaction& t) { return t.ChangeTenant(acme_, {.suspended = false}); },
      [&](WriteTransaction& t) { return t.CreateClient(Client("late", acme_)); },
      [&](WriteTransaction& t) { return t.UpsertContact(acme_, MakeContact(1, "Late")).map([](auto) {}); },
      [&](WriteTransaction& t) { return t.UpsertJob(acme_, MakeJob(1, "Late")).map([](auto) {}); },
      [&](WriteTransaction& t) { return t.HoldBlob(acme_, HashOf(1), 1); }};
  for (std::size_t i = 0; i < std::size(changes); ++i) {
    const base::Status refused = database_->writer().Write(changes[i]);
    ASSERT_FALSE(refused) << i;
    EXPECT_EQ(refused.error().code, ErrorCode::kNotFound) << i;
    EXPECT_EQ(refused.error().detail, "Tenant not found") << i;
  }
  PutContacts(globex_, {MakeContact(1, "Bob")});
  EXPECT_TRUE(ListContacts(acme_, {}).ids.empty()) << "nothing of it was committed";
}

TEST_F(TenantChanges, GiveEachTokenItsScopes) {
  Write([&](WriteTransaction& t) -> base::Status {
    EXPECT_TRUE(t.CreateClient(Client("shop", acme_)));
    EXPECT_TRUE(t.CreateToken(acme_, Token("tok_1", model::kReadScope), HashOf(1)));
    EXPECT_TRUE(t.CreateToken(acme_, Token("tok_2", model::kClientScopes), HashOf(2)));
    for (const model::Scopes bad : {model::Scopes(), model::kAdminScope, model::kMetricsScope}) {
      EXPECT_EQ(t.CreateToken(acme_, Token("tok_3", bad), HashOf(3)).error().code, ErrorCode::kValidation);
    }
    EXPECT_TRUE(t.CreateOperatorToken(Operator("tok_4", model::kOperatorScopes), HashOf(4)));
    for (const model::Scopes bad : {model::Scopes(), model::kReadScope, model::kWriteScope}) {
      EXPECT_EQ(t.CreateOperatorToken(Operator("tok_5", bad), HashOf(5)).error().code, ErrorCode::kValidation);
    }
    return {};
  });
  EXPECT_EQ(reader().tenants.FindToken(HashOf(1)).value()->scopes, model::kReadScope);
  EXPECT_EQ(reader().tenants.FindToken(HashOf(2)).value()->scopes, model::kClientScopes);
  const auto operator_entry = reader().tenants.FindToken(HashOf(4)).value();
  EXPECT_EQ(operator_entry->scopes, model::kOperatorScopes);
  EXPECT_EQ(operator_entry->tenant, base::TenantId{});
  EXPECT_TRUE(operator_entry->usable);
  EXPECT_EQ(operator_entry->expires_at, Ms(9'000));
}

TEST_F(TenantChanges, RevokeOperatorsTokensOnceAndNoteTheirUse) {
  Write([&](WriteTransaction& t) -> base::Status {
    EXPECT_TRUE(t.CreateOperatorToken(Operator("tok_4", model::kAdminScope), HashOf(4)));
    EXPECT_EQ(t.CreateOperatorToken(Operator("tok_4", model::kAdminScope), HashOf(5)).error().code,
              ErrorCode::kConflict);
    EXPECT_EQ(t.CreateOperatorToken(Operator("tok_5", model::kAdminScope), HashOf(4)).error().code,
              ErrorCode::kConflict);
    EXPECT_EQ(t.RevokeOperatorToken("tok_9").error().code, ErrorCode::kNotFound);
    EXPECT_TRUE(t.NoteOperatorTokenUse("tok_4", Ms(77)));
    return t.RevokeOperatorToken("tok_4");
  });
  const auto revoked = reader().tenants.OperatorTokens().value().at(0);
  EXPECT_TRUE(revoked.revoked_at);
  EXPECT_EQ(revoked.last_used_at, Ms(77));
  EXPECT_FALSE(reader().tenants.FindToken(HashOf(4)).value()->usable);
  Write([&](WriteTransaction& t) { return t.RevokeOperatorToken("tok_4"); });
  EXPECT_EQ(reader().tenants.OperatorTokens().value().at(0).revoked_at, revoked.revoked_at);
}

TEST_F(TenantChanges, NoteATokensUseWithoutMovingTheRevision) {
  Write([&](WriteTransaction& t) -> base::Status {
    EXPECT_TRUE(t.CreateClient(Client("shop", acme_)));
    return t.CreateToken(acme_, Token("tok_1", model::kReadScope), HashOf(1));
  });
  const auto before = reader().tenants.Revision(acme_).value();
  Write([&](WriteTransaction& t) { return t.NoteTokenUse(acme_, "tok_1", Ms(77)); });
  EXPECT_EQ(reader().tenants.Tokens(acme_).value().at(0).last_used_at, Ms(77));
  EXPECT_EQ(reader().tenants.Revision(acme_).value(), before);
}

TEST_F(TenantChanges, DeleteAClientWithItsTokens) {
  Write([&](WriteTransaction& t) -> base::Status {
    EXPECT_TRUE(t.CreateClient(Client("shop", acme_)));
    EXPECT_TRUE(t.CreateToken(acme_, Token("tok_1", model::kReadScope), HashOf(1)));
    EXPECT_EQ(t.DeleteClient(globex_, base::ClientId("shop")).error().code, ErrorCode::kNotFound);
    return t.DeleteClient(acme_, base::ClientId("shop"));
  });
  EXPECT_TRUE(reader().tenants.Clients(acme_)->empty());
  EXPECT_TRUE(reader().tenants.Tokens(acme_)->empty());
  EXPECT_EQ(reader().tenants.FindToken(HashOf(1)).value(), std::nullopt);
}

/// What the schema itself refuses, whoever writes.
TEST_F(TenantChanges, CannotBreakWhatTheSchemaPromises) {
  database_.reset();
  SQLite::Database db((folder_.path() / "portal.db").string(), SQLite::OPEN_READWRITE);
  db.exec(
      "PRAGMA foreign_keys = ON; INSERT INTO clients (tenant_id, client_id, name, revoked, created_at) VALUES (1, "
      "'shop', 'Shop', 0, 0)");
  const char* const refused[] = {
      "INSERT INTO tokens VALUES (1, 'tok_1', 'shop', zeroblob(32), '', 0, NULL, NULL, 0, NULL)",
      "INSERT INTO tokens VALUES (1, 'tok_1', 'shop', zeroblob(32), '', 0, NULL, NULL, 4, NULL)",
      "INSERT INTO operator_tokens VALUES ('tok_1', zeroblob(32), '', 1, 0, NULL, NULL, NULL)",
      "INSERT INTO operator_tokens VALUES ('tok_1', zeroblob(31), '', 4, 0, NULL, NULL, NULL)",
      "INSERT INTO blobs VALUES (1, zeroblob(32), 1, 0, 0, NULL)",
      "INSERT INTO blobs VALUES (1, zeroblob(32), 1, 1, 1, 5)",
      "INSERT INTO blobs VALUES (1, zeroblob(32), 1, -1, 0, 5)",
      "INSERT INTO blobs VALUES (99, zeroblob(32), 1, 1, 1, NULL)",
      "UPDATE tenants SET quota_bytes = -1"};
  for (const char* sql : refused) EXPECT_THROW(db.exec(sql), SQLite::Exception) << sql;
  db.exec("INSERT INTO tokens VALUES (1, 'tok_1', 'shop', zeroblob(32), '', 0, NULL, NULL, 3, NULL)");
  db.exec("INSERT INTO operator_tokens VALUES ('tok_1', zeroblob(32), '', 12, 0, NULL, NULL, NULL)");
}

TEST(Upgrade, ToTheSecondSchemaAccountsForTheBlobsThatAreThere) {
  const portal::testing::TempFolder folder;
  const std::filesystem::path file = folder.path() / "portal.db";
  {
    SQLite::Database db(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    ASSERT_TRUE(Migrator(embedded::migrations().first(1)).Initialise(db));
    db.exec(
        "INSERT INTO tenants (tenant_id, slug, name, bucket, created_at, jobs_total) VALUES (1, 'acme', 'Acme', 'a', "
        "0, "
        "2), (2, 'globex', 'Globex', 'g', 0, 1), (3, 'empty', 'Empty', 'e', 0, 0);"
        "INSERT INTO clients (tenant_id, client_id, name, revoked, created_at) VALUES (1, 'shop', 'Shop', 0, 0);"
        "INSERT INTO tokens VALUES (1, 'tok_1', 'shop', zeroblob(32), '', 0, NULL, NULL);"
        "INSERT INTO jobs (tenant_id, id, title, status, scheduled_order, created_at, updated_at, file_count) VALUES "
        "(1, 'job_1', 'Roof', 0, -9223372036854775808, 0, 0, 2), (1, 'job_2', 'Wall', 0, -9223372036854775808, 0, 0, "
        "1),"
        "(2, 'job_1', 'Door', 0, -9223372036854775808, 0, 0, 1);"
        "INSERT INTO files (tenant_id, job_id, id, name, kind, content_type, size_bytes, sha256, created_at) VALUES "
        "(1, 'job_1', 'file_1', 'a', 0, 'text/plain', 100, zeroblob(32), 0),"
        "(1, 'job_1', 'file_2', 'b', 0, 'text/plain', 11, randomblob(32), 0),"
        "(1, 'job_2', 'file_1', 'a', 0, 'text/plain', 100, zeroblob(32), 0),"
        "(2, 'job_1', 'file_1', 'a', 0, 'text/plain', 100, zeroblob(32), 0);");
  }
  const base::SystemClock clock;
  base::Logger logger(clock, 2, base::LogLevel::kOff);
  auto opened = Database::Open({.folder = folder.path(), .durability = Durability::kNone}, clock, logger);
  ASSERT_TRUE(opened) << opened.error().detail << opened.error().internal;
  Reader& reader = (*opened)->reader(base::WorkerId{0});
  EXPECT_EQ(reader.tenants.FindBySlug("acme")->blob_bytes, 111);
  EXPECT_EQ(reader.tenants.FindBySlug("globex")->blob_bytes, 100);
  EXPECT_EQ(reader.tenants.FindBySlug("empty")->blob_bytes, 0);
  EXPECT_EQ(reader.tenants.FindBySlug("acme")->quota_bytes, std::nullopt);
  EXPECT_EQ(reader.tenants.FindToken(Hash{}).value()->scopes, model::kReadScope) << "as before: reading";

  const base::TenantId acme = reader.tenants.FindBySlug("acme")->id;
  ASSERT_TRUE((*opened)->writer().Write([&](WriteTransaction& t) -> base::Status {
    EXPECT_EQ(t.FindBlob(acme, Hash{}).value(), 100);
    EXPECT_TRUE(t.DeleteFile(acme, base::JobId("job_1"), base::FileId("file_1")));
    return t.DeleteFile(acme, base::JobId("job_2"), base::FileId("file_1"));
  }));
  EXPECT_EQ(reader.tenants.FindBySlug("acme")->blob_bytes, 11);
  EXPECT_EQ(reader.tenants.FindBySlug("globex")->blob_bytes, 100);
}

}  // namespace
}  // namespace portal::store::testing
