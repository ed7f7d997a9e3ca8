#include <gtest/gtest.h>

#include "store/feed_batch.h"
#include "unit/store/store_fixture.h"

namespace portal::store::testing {
namespace {

FeedBatch MakeBatch(std::int64_t created_ms, std::string outcomes = "iu") {
  FeedBatch batch;
  batch.request_hash.fill(1);
  batch.rows_hash.fill(2);
  batch.outcomes = std::move(outcomes);
  batch.complaints = "[]";
  batch.created_at = Ms(created_ms);
  return batch;
}

class FeedBatchesTest : public StoreTest {
 protected:
  void Keep(const base::TenantId& tenant, std::string_view key, std::int64_t number, const FeedBatch& batch) {
    Write([&](WriteTransaction& t) { return t.KeepFeedBatch(tenant, key, number, batch); });
  }
  std::optional<FeedBatch> Find(const base::TenantId& tenant, std::string_view key, std::int64_t number) {
    std::optional<FeedBatch> found;
    Write([&](WriteTransaction& t) -> base::Status {
      found = t.FindFeedBatch(tenant, key, number).value();
      return {};
    });
    return found;
  }
  std::int64_t Forget(std::int64_t before_ms, std::int64_t most) {
    std::int64_t forgotten = 0;
    Write([&](WriteTransaction& t) -> base::Status {
      forgotten = t.ForgetFeedBatches(Ms(before_ms), most).value();
      return {};
    });
    return forgotten;
  }
  std::int64_t Revision() {
    const auto snapshot = reader().Begin(false);
    return reader().tenants.Revision(acme_).value();
  }
};

TEST_F(FeedBatchesTest, KeepsWhatItIsGivenByTenantKeyAndNumber) {
  Keep(acme_, "k", 0, MakeBatch(1'000));
  Keep(acme_, "k", 1, MakeBatch(2'000, "r"));
  const auto found = Find(acme_, "k", 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->outcomes, "r");
  EXPECT_EQ(found->complaints, "[]");
  EXPECT_EQ(found->request_hash, MakeBatch(0).request_hash);
  EXPECT_EQ(found->rows_hash, MakeBatch(0).rows_hash);
  EXPECT_EQ(found->created_at, Ms(2'000));
  EXPECT_FALSE(Find(acme_, "k", 2));
  EXPECT_FALSE(Find(acme_, "other", 0));
  EXPECT_FALSE(Find(globex_, "k", 0));
}

TEST_F(FeedBatchesTest, MovesNoRevision) {
  const std::int64_t before = Revision();
  Keep(acme_, "k", 0, MakeBatch(1'000));
  Forget(5'000, 10);
  EXPECT_EQ(Revision(), before);
}

TEST_F(FeedBatchesTest, RollsBackWithItsRows) {
  const auto written = database_->writer().Write([&](WriteTransaction& t) -> base::Status {
    EXPECT_TRUE(t.KeepFeedBatch(acme_, "k", 0, MakeBatch(1'000)));
    return base::Fail(base::ErrorCode::kConflict, "no");
  });
  EXPECT_FALSE(written);
  EXPECT_FALSE(Find(acme_, "k", 0));
}

TEST_F(FeedBatchesTest, ForgetsKeysAsAWholeOnceTheirNewestBatchIsOld) {
  Keep(acme_, "old", 0, MakeBatch(1'000));
  Keep(acme_, "old", 1, MakeBatch(2'000));
  Keep(acme_, "going", 0, MakeBatch(1'000));
  Keep(acme_, "going", 1, MakeBatch(9'000));
  Keep(globex_, "old", 0, MakeBatch(9'000));
  EXPECT_EQ(Forget(5'000, 100), 2);
  EXPECT_FALSE(Find(acme_, "old", 0));
  EXPECT_TRUE(Find(acme_, "going", 0));
  EXPECT_TRUE(Find(globex_, "old", 0));
  EXPECT_EQ(Forget(5'000, 100), 0);
}

TEST_F(FeedBatchesTest, ForgetsNoPartOfAKeyAndNoKeyMoreThanIsEnough) {
  for (int i = 0; i < 5; ++i) Keep(acme_, "a", i, MakeBatch(1'000 + i));
  for (int i = 0; i < 2; ++i) Keep(acme_, "b", i, MakeBatch(2'000));
  EXPECT_EQ(Forget(5'000, 3), 5);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Find(acme_, "a", i)) << i;
  EXPECT_TRUE(Find(acme_, "b", 0));
  EXPECT_EQ(Forget(5'000, 3), 2);
  EXPECT_EQ(Forget(5'000, 3), 0);
}

}  // namespace
}  // namespace portal::store::testing
