#include "store/anchor_cache.h"
#include "unit/store/store_fixture.h"

namespace portal::store::testing {
namespace {

using model::Direction;
using model::PageStart;

/// More rows than totals count exactly, in two statuses, on a clock that stands still.
class DeepPages : public StoreTest {
 protected:
  static constexpr std::int64_t kRows = 10'300;

  DeepPages() {
    Write([&](WriteTransaction& t) -> base::Status {
      for (std::int64_t i = 0; i < kRows; ++i) {
        model::Job job = MakeJob(i, "Roof", i / 3);
        job.status = i < 10'000 ? model::JobStatus::kPending : model::JobStatus::kCancelled;
        if (auto done = t.UpsertJob(acme_, job); !done) return base::Fail(done.error());
      }
      return {};
    });
    ReopenOnAStillClock();
  }
};

TEST_F(DeepPages, StartAtAnchorsInBothDirections) {
  model::JobQuery query;
  query.limit = 2;
  for (const auto direction : {Direction::kAscending, Direction::kDescending}) {
    query.direction = direction;
    for (const std::int64_t offset : {5'000L, 0L, 99L, 100L, 101L, 1'999L, 2'000L, 2'001L, 9'998L, 9'999L, 10'000L,
                                      10'199L, 10'200L, 10'201L, 10'298L, 10'299L}) {
      query.start.offset = offset;
      const Page page = ListJobs(acme_, query);
      const std::int64_t row = direction == Direction::kAscending ? offset : kRows - 1 - offset;
      ASSERT_FALSE(page.ids.empty()) << offset;
      EXPECT_EQ(page.ids[0], JobIdOf(row).value()) << offset;
      EXPECT_EQ(page.info.has_more, offset + 2 < kRows) << offset;
      EXPECT_EQ(page.info.total, kRows);
    }
  }
}

TEST_F(DeepPages, WithoutAnchorsAreLeftToAThreadThatMayTakeItsTime) {
  model::JobQuery query;
  query.start.offset = 5'000;
  const auto ignore = [](const model::JobView&) {};
  {
    const auto snapshot = reader().Begin(true);
    const auto page = reader().jobs.List(acme_, query, ignore);
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().code, base::ErrorCode::kOverBudget);
  }
  ListJobs(acme_, query);  // unbounded: builds them
  const auto snapshot = reader(1).Begin(true);
  EXPECT_TRUE(reader(1).jobs.List(acme_, query, ignore)) << "another reader shares the anchors";
}

TEST_F(DeepPages, OfASearchInALongListAreLeftToAThreadThatMayTakeItsTime) {
  model::JobQuery query;
  query.search = "roof";
  {
    const auto snapshot = reader().Begin(true);
    const auto page = reader().jobs.List(acme_, query, [](const model::JobView&) {});
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().code, base::ErrorCode::kOverBudget);
  }
  EXPECT_EQ(ListJobs(acme_, query).info.count, 50);
}

TEST_F(DeepPages, SeeRowsThatCameAfterTheAnchorsWereMade) {
  model::JobQuery query;
  query.direction = Direction::kAscending;
  query.limit = 1;
  query.start.offset = 6'000;
  EXPECT_EQ(ListJobs(acme_, query).ids[0], JobIdOf(6'000).value());
  PutJobs(acme_, {MakeJob(999'999, "First of all", -1)});
  EXPECT_EQ(ListJobs(acme_, query).ids[0], JobIdOf(5'999).value());
}

TEST_F(DeepPages, PastTheEndAreEmptyAndStillKnowTheTotal) {
  model::JobQuery query;
  for (const std::int64_t offset : {kRows, kRows + 1, std::int64_t{1'000'000'000'000}}) {
    query.start.offset = offset;
    const Page page = ListJobs(acme_, query);
    EXPECT_EQ(page.info.total, kRows);
    EXPECT_EQ(page.info.count, 0);
    EXPECT_FALSE(page.info.has_more);
    EXPECT_TRUE(page.info.has_previous);
  }
}

TEST_F(DeepPages, FilteredTotalsAreExactToTenThousand) {
  model::JobQuery query;
  query.status = model::JobStatus::kPending;
  const model::PageInfo exact = ListJobs(acme_, query).info;
  EXPECT_EQ(exact.total, 10'000);
  EXPECT_FALSE(exact.total_is_lower_bound);

  model::Job job = MakeJob(500'000, "One more");
  PutJobs(acme_, {job});
  const model::PageInfo bound = ListJobs(acme_, query).info;
  EXPECT_EQ(bound.total, 10'000);
  EXPECT_TRUE(bound.total_is_lower_bound);

  query.start.offset = 10'000;  // beyond what is counted, but there
  const Page last = ListJobs(acme_, query);
  EXPECT_EQ(last.info.count, 1);
  query.start.offset = 10'001;
  EXPECT_EQ(ListJobs(acme_, query).info.count, 0);

  query.status.reset();
  query.start.offset = 0;
  EXPECT_EQ(ListJobs(acme_, query).info.total, kRows + 1) << "unfiltered ones are always exact";
  EXPECT_FALSE(ListJobs(acme_, query).info.total_is_lower_bound);
  query.search = "roof";
  EXPECT_TRUE(ListJobs(acme_, query).info.total_is_lower_bound);
}

/// As many contacts, on such a clock.
class ContactEmails : public StoreTest {
 protected:
  ContactEmails() {
    Write([&](WriteTransaction& t) -> base::Status {
      for (std::int64_t i = 0; i < 10'300; ++i) {
        model::Contact contact = MakeContact(i, "Peter");
        contact.email = "p" + std::to_string(i) + "@example.com";
        if (auto done = t.UpsertContact(acme_, contact); !done) return base::Fail(done.error());
      }
      return {};
    });
    ReopenOnAStillClock();
  }
};

TEST_F(ContactEmails, AreLookedUpOnAnEventLoopHoweverLongTheList) {
  const auto snapshot = reader().Begin(true);
  const auto find = [&](const model::ContactQuery& query) {
    return reader().contacts.List(acme_, query, [](const model::ContactView&) {});
  };
  model::ContactQuery query;
  query.email = "p7@example.com";
  const auto found = find(query);
  ASSERT_TRUE(found) << found.error().internal;
  EXPECT_EQ(found->total, 1);
  query.search = "pe";
  EXPECT_EQ(find(query).error().code, base::ErrorCode::kOverBudget) << "a search is not";
}

TEST(Anchors, LeadToTheNearestRowThatIsNotPastTheOffset) {
  for (const std::int64_t rows : {1L, 99L, 100L, 101L, 199L, 200L, 1'003L}) {
    Anchors anchors;
    anchors.rows = rows;
    for (std::int64_t p = Anchors::kStride - 1; p < rows; p += Anchors::kStride) {
      anchors.positions.push_back({.time = p, .text = {}, .id = {}});
    }
    for (std::int64_t offset = 0; offset < rows; ++offset) {
      const Anchors::Start start = anchors.Find(offset);
      EXPECT_EQ((start.position ? start.position->time + 1 : 0) + start.skip, offset) << rows;
      EXPECT_GE(start.skip, 0);
      EXPECT_LT(start.skip, Anchors::kStride);
    }
  }
}

TEST(AnchorCache, GivesAnchorsOfTheAskedRevisionOnly) {
  AnchorCache cache(1 << 20);
  const AnchorCache::Key key{base::TenantId(1), List::kJobs, 0};
  auto anchors = std::make_shared<Anchors>();
  anchors->revision = 7;
  cache.Put(key, anchors);
  EXPECT_EQ(cache.Find(key, 7), anchors);
  EXPECT_EQ(cache.Find(key, 8), nullptr);
  EXPECT_EQ(cache.Find({base::TenantId(2), List::kJobs, 0}, 7), nullptr);
  EXPECT_EQ(cache.Find({base::TenantId(1), List::kContacts, 0}, 7), nullptr);
  EXPECT_EQ(cache.Find({base::TenantId(1), List::kJobs, 1}, 7), nullptr);
}

TEST(AnchorCache, LetsTheLeastRecentlyUsedGo) {
  const auto make = [] {
    auto anchors = std::make_shared<Anchors>();
    anchors->positions.resize(100);
    return anchors;
  };
  AnchorCache cache(make()->SizeBytes() * 2 + 10);
  const auto key = [](std::int64_t tenant) { return AnchorCache::Key{base::TenantId(tenant), List::kJobs, 0}; };
  cache.Put(key(1), make());
  cache.Put(key(2), make());
  ASSERT_NE(cache.Find(key(1), 0), nullptr);
  cache.Put(key(3), make());
  EXPECT_NE(cache.Find(key(1), 0), nullptr);
  EXPECT_EQ(cache.Find(key(2), 0), nullptr);
  EXPECT_NE(cache.Find(key(3), 0), nullptr);
}

}  // namespace
}  // namespace portal::store::testing
