#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "base/logger.h"
#include "crypto/hash.h"
#include "service/access.h"
#include "store/reader.h"
#include "store/writer.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace portal::service {

/// Two connections to one store: the one that serves, and a neighbour that changes things behind its back.
class AccessFixture : public ::testing::Test {
 protected:
  AccessFixture() {
    tenant_ = CreateTenant("acme");
    CreateClient(tenant_, "client_a");
    CreateToken(tenant_, "client_a", "tok_1", "token_a");
  }

  base::TenantId CreateTenant(const std::string& slug) {
    base::TenantId id;
    Change([&](store::WriteTransaction& t) -> base::Status {
      return t.CreateTenant(slug, slug, slug + "-files").map([&](const model::Tenant& made) { id = made.id; });
    });
    return id;
  }
  void CreateClient(const base::TenantId& tenant, const std::string& id) {
    Change([&](store::WriteTransaction& t) { return t.CreateClient({base::ClientId(id), tenant, id, false, Now()}); });
  }
  void CreateToken(const base::TenantId& tenant, const std::string& client, const std::string& id,
                   const std::string& token, std::optional<base::WallTime> expires_at = std::nullopt) {
    const model::Token row{id, base::ClientId(client), "", Now(), expires_at, std::nullopt};
    Change([&](store::WriteTransaction& t) { return t.CreateToken(tenant, row, crypto::Sha256(token)); });
  }
  void Change(base::FunctionRef<base::Status(store::WriteTransaction&)> work) {
    const auto status = neighbour_->writer().Write(work);
    ASSERT_TRUE(status) << status.error().detail << " " << status.error().internal;
    clock_.Advance(std::chrono::milliseconds{1});  // what an end of a process takes at the least
  }

  base::WallTime Now() const { return clock_.Wall(); }
  /// nullopt: the token was accepted.
  std::optional<base::ErrorCode> Bearer(std::string_view token, std::size_t worker = 0) {
    const auto identity = access_.CheckBearer({worker}, token, Now());
    if (!identity) return identity.error().code;
    return std::nullopt;
  }
  std::string Sign(const base::TenantId& tenant, std::string_view client) const {
    std::string target;
    using Disposition = http::FileGrant::Disposition;
    links_.For(tenant, "acme-files", "job_1", links_.Expiry(Now()), client, Disposition::kInline)
        .Append("a b.pdf", target);
    return target;
  }
  std::optional<base::ErrorCode> SignedUrl(std::string_view target, std::size_t worker = 0) {
    const auto grant = access_.CheckSignedUrl({worker}, target, Now());
    if (!grant) return grant.error().code;
    return std::nullopt;
  }

  std::optional<base::WallTime> LastUsed(std::string_view token_id) {
    const auto tokens = neighbour_->reader({0}).tenants.Tokens(tenant_);
    EXPECT_TRUE(tokens);
    for (const model::Token& token : *tokens) {
      if (token.id == token_id) return token.last_used_at;
    }
    ADD_FAILURE() << "there is no token " << token_id;
    return std::nullopt;
  }

  std::unique_ptr<store::Database> OpenStore() {
    auto database = store::Database::Open({folder_.path(), 2, store::Durability::kNone, true}, clock_, logger_);
    if (!database) throw std::runtime_error(database.error().detail);
    return std::move(*database);
  }
  std::unique_ptr<SigningKeys> OpenKeys() {
    auto keys = SigningKeys::Open(folder_.path() / "keys", clock_, logger_);
    if (!keys) throw std::runtime_error(keys.error().detail);
    return std::move(*keys);
  }

  const testing::TempFolder folder_;
  testing::ManualClock clock_;
  base::Logger logger_{clock_, 2, base::LogLevel::kOff};
  const std::unique_ptr<store::Database> database_ = OpenStore();
  const std::unique_ptr<store::Database> neighbour_ = OpenStore();
  const std::unique_ptr<SigningKeys> keys_ = OpenKeys();
  const FileLinks links_{*keys_, std::chrono::minutes{15}};
  Access access_{*database_, links_, clock_, 2};
  base::TenantId tenant_;
};

}  // namespace portal::service
