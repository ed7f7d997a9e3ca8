#include "control/client_keys.h"

#include "unit/store/store_fixture.h"

namespace portal::control {
namespace {

constexpr base::WorkerId kWorker{0};

class ClientKeysTest : public store::testing::StoreTest {
 protected:
  void Create(std::string id) {
    Write([&](store::WriteTransaction& t) {
      return t.CreateClient(
          {.id = base::ClientId(std::move(id)), .tenant = acme_, .name = "Shop", .revoked = false, .created_at = {}});
    });
  }
  /// Whose the window of a client of this name is, as far as anybody knows.
  std::optional<base::ClientId> OwnerOf(const char* id) {
    const http::LimitKey key = http::LimitKeyOf(base::ClientId(id));
    const http::RateLimits::Used window{.key = key, .policy = "contacts", .resets_at = {}};
    EXPECT_TRUE(keys_.Learn(std::span(&window, 1), reader(), kWorker));
    return keys_.ClientOf(key);
  }

  ClientKeys keys_;
};

TEST_F(ClientKeysTest, LeadBackToClientsThatTheStoreKnows) {
  Create("shop");
  EXPECT_EQ(OwnerOf("shop"), base::ClientId("shop"));
  EXPECT_EQ(OwnerOf("nobody"), std::nullopt);
}

TEST_F(ClientKeysTest, LearnOfClientsThatComeLater) {
  Create("first");
  EXPECT_EQ(OwnerOf("first"), base::ClientId("first"));
  EXPECT_EQ(OwnerOf("second"), std::nullopt);
  Create("second");
  EXPECT_EQ(OwnerOf("second"), base::ClientId("second"));
}

}  // namespace
}  // namespace portal::control
