#include "service/search_tidy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/logger.h"
#include "store/reader.h"
#include "store/writer.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace portal::service {
namespace {

using namespace std::chrono_literals;

/// A tenant whose contacts came in commits of a few, as a feed's do.
class SearchTidies : public ::testing::Test {
 protected:
  SearchTidies() {
    Open();
    Write([&](store::WriteTransaction& t) -> base::Status {
      acme_ = t.CreateTenant("acme", "Acme", "acme-files")->id;
      return {};
    });
  }

  void Open() {
    tidy_.reset();
    database_.reset();
    auto opened =
        store::Database::Open({.folder = folder_.path(), .durability = store::Durability::kNone}, clock_, logger_);
    if (!opened) throw std::runtime_error(opened.error().internal);
    database_ = std::move(*opened);
    tidy_ = std::make_unique<SearchTidy>(*database_, clock_);
  }
  void Write(base::FunctionRef<base::Status(store::WriteTransaction&)> work) {
    const base::Status done = database_->writer().Write(work);
    ASSERT_TRUE(done) << done.error().detail << done.error().internal;
  }
  void Feed(int commits, int rows) {
    for (int commit = 0; commit < commits; ++commit) {
      Write([&](store::WriteTransaction& t) -> base::Status {
        for (int row = 0; row < rows; ++row) {
          if (auto done = t.UpsertContact(acme_, ContactOf(++fed_)); !done) return base::Fail(done.error());
        }
        return {};
      });
    }
  }
  void FeedUntilScattered() {
    for (int commits = 0; Segments() <= 4; ++commits) {
      ASSERT_LT(commits, 100);
      Feed(1, 1);
    }
  }
  static std::string NameOf(int number) { return "name" + std::to_string(number) + "x"; }
  static base::ContactId IdOf(int number) {
    char id[64];
    std::snprintf(id, sizeof id, "00000000-0000-4000-8000-%012x", static_cast<unsigned>(number));
    return base::ContactId(id);
  }
  static model::Contact ContactOf(int number) {
    model::Contact contact;
    contact.id = IdOf(number);
    contact.name = NameOf(number);
    return contact;
  }
  store::SearchState State() {
    store::SearchState state;
    Write([&](store::WriteTransaction& t) -> base::Status {
      state = t.ReadSearch(store::SearchTable::kContacts).value();
      return {};
    });
    return state;
  }
  std::int64_t Segments() { return State().segments.count; }
  /// How many steps there were; ends after `most`.
  int Run(int most = 1'000'000) {
    int steps = 0;
    const base::Status done = tidy_->Run([&](std::chrono::nanoseconds) { return ++steps < most; });
    EXPECT_TRUE(done) << done.error().detail << done.error().internal;
    return steps;
  }
  std::int64_t Found(const std::string& words) {
    store::Reader& reader = database_->reader({0});
    auto snapshot = reader.Begin(false);
    model::ContactQuery query;
    query.search = words;
    return reader.contacts.List(acme_, query, [](const model::ContactView&) {})->total;
  }
  void ExpectAllFound() {
    for (int number = 1; number <= fed_; number += 97) ASSERT_EQ(Found(NameOf(number)), 1) << NameOf(number);
    EXPECT_EQ(Found(NameOf(fed_)), 1);
    EXPECT_EQ(Found("name"), std::min<std::int64_t>(fed_, model::kMaxExactTotal));
  }

  testing::TempFolder folder_;
  testing::ManualClock clock_;
  base::Logger logger_{clock_, 2, base::LogLevel::kOff};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<SearchTidy> tidy_;
  base::TenantId acme_;
  int fed_ = 0;
};

TEST_F(SearchTidies, MergeAGrownTableIntoOneSegment) {
  Feed(30, 20);
  ASSERT_GT(Segments(), 4);
  EXPECT_EQ(Run(), 0) << "it may be that somebody is feeding still";
  EXPECT_GT(Run(), 0);
  EXPECT_EQ(Segments(), 1);
  EXPECT_FALSE(State().tidying);
  ExpectAllFound();
  EXPECT_EQ(Run(), 0) << "nothing is left to do";
}

TEST_F(SearchTidies, WaitUntilNobodyHasWrittenSinceTheLastLook) {
  Feed(30, 20);
  for (int look = 0; look < 5; ++look) {
    EXPECT_EQ(Run(), 0);
    Feed(1, 1);
  }
  EXPECT_EQ(Run(), 0);
  EXPECT_GT(Run(), 0);
  EXPECT_EQ(Segments(), 1);
}

TEST_F(SearchTidies, LeaveALargeTableThatGrewALittleUntilTheNextDay) {
  Feed(1, 9'000);
  Feed(30, 20);
  Run();
  Run();
  ASSERT_EQ(Segments(), 1);
  FeedUntilScattered();
  Run();
  EXPECT_EQ(Run(), 0);
  clock_.Advance(24h - 1ms);
  EXPECT_EQ(Run(), 0);
  clock_.Advance(1ms);
  EXPECT_GT(Run(), 0);
  EXPECT_EQ(Segments(), 1);
  ExpectAllFound();
}

TEST_F(SearchTidies, DoNotWaitForADayThatOnlyAClockSetWrongHadReached) {
  const base::WallTime right = clock_.Wall();
  clock_.SetWall(right + 24h * 3650);
  Feed(1, 9'000);
  Feed(30, 20);
  Run();
  Run();
  ASSERT_EQ(Segments(), 1);
  clock_.SetWall(right);
  FeedUntilScattered();
  Run();
  EXPECT_GT(Run(), 0);
  EXPECT_EQ(Segments(), 1);
}

TEST_F(SearchTidies, GoOnWhereAKilledOneStopped) {
  Feed(60, 500);
  Run();
  ASSERT_EQ(Run(1), 1);
  ASSERT_TRUE(State().tidying) << "one step was not enough";
  ExpectAllFound();
  Open();
  Feed(3, 20);
  Run();
  int runs = 0;
  for (; State().tidying; ++runs) {
    ASSERT_LT(runs, 1'000);
    EXPECT_EQ(Run(1), 1) << "it stops after the step in which it is told to";
  }
  EXPECT_GT(runs, 0);
  EXPECT_LE(Segments(), 4);
  ExpectAllFound();
}

TEST_F(SearchTidies, LeaveDeletedWordsNotedForThePurge) {
  Feed(30, 20);
  Write([&](store::WriteTransaction& t) { return t.DeleteContact(acme_, IdOf(7)); });
  FeedUntilScattered();
  Run();
  EXPECT_GT(Run(), 0);
  EXPECT_EQ(Segments(), 1);
  EXPECT_EQ(Found(NameOf(7)), 0);
  Write([&](store::WriteTransaction& t) -> base::Status {
    EXPECT_TRUE(t.FindOldestDeletion()->search) << "gaps in pages are to be overwritten still";
    return {};
  });
}

}  // namespace
}  // namespace portal::service
