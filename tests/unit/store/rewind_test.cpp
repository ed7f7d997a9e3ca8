#include "store/rewind.h"

#include <gtest/gtest.h>

#include "store/backup.h"
#include "unit/store/store_fixture.h"

namespace portal::store::testing {
namespace {

class RewindTest : public StoreTest {
 protected:
  RewindTest() {
    std::vector<model::Contact> contacts;
    for (int i = 0; i < 300; ++i) contacts.push_back(MakeContact(i, "Original " + std::to_string(i), 1'000 + i));
    PutContacts(acme_, contacts);
    PutJobs(acme_, {MakeJob(1, "Roof")});
    const auto copied = CopyDatabase({.data_folder = folder_.path(), .target = copy_});
    EXPECT_TRUE(copied) << copied.error().internal;
  }

  void Rewind() {
    const base::Status done = database_->Rewind(copy_, [this] { ++called_; });
    ASSERT_TRUE(done) << done.error().detail << ": " << done.error().internal;
  }
  std::vector<std::string> Search(const std::string& word) {
    model::ContactQuery query;
    query.search = word;
    return ListContacts(acme_, query).ids;
  }
  std::int64_t Total() { return ListContacts(acme_, {}).info.total; }
  std::int64_t Revision(const base::TenantId& tenant) { return *reader().tenants.Revision(tenant); }

  bool HasContact(std::size_t worker, std::int64_t number) {
    return reader(worker).contacts.Find(acme_, ContactUuid(number), [](const model::ContactView&) {}).has_value();
  }

  std::filesystem::path copy_ = folder_.path() / "copy.db";
  int called_ = 0;
};

TEST_F(RewindTest, TakesBackRowsAndWordsOfEveryReader) {
  ASSERT_EQ(Search("zebediah").size(), 0U);  // so that statements and the index are in use before
  PutContacts(acme_, {MakeContact(1'000, "Zebediah"), MakeContact(7, "Zebediah")});
  Write([&](WriteTransaction& t) { return t.DeleteJob(acme_, JobIdOf(1)); });
  ASSERT_EQ(Search("zebediah").size(), 2U);
  Rewind();
  EXPECT_EQ(called_, 1);
  EXPECT_EQ(Search("zebediah").size(), 0U);
  EXPECT_EQ(Search("original").size(), 50U);
  EXPECT_EQ(Total(), 300);
  EXPECT_TRUE(reader(1).jobs.Find(acme_, JobIdOf(1).value(), [](const model::JobView&) {}));
}

TEST_F(RewindTest, CanBeWrittenToAgainAndAgain) {
  for (int round = 0; round < 20; ++round) {
    PutContacts(acme_, {MakeContact(2'000 + round, "Yolanda")});
    EXPECT_EQ(Search("yolanda").size(), 1U);
    EXPECT_EQ(Total(), 301);
    Rewind();
    EXPECT_EQ(Search("yolanda").size(), 0U);
    EXPECT_EQ(Total(), 300);
  }
}

TEST_F(RewindTest, GivesNoRevisionTwice) {
  std::int64_t latest = Revision(acme_);
  for (int round = 0; round < 3; ++round) {
    PutContacts(acme_, {MakeContact(3'000, "Xavier")});
    EXPECT_GT(Revision(acme_), latest);
    latest = Revision(acme_);
    Rewind();
    EXPECT_GT(Revision(acme_), latest);
    latest = Revision(acme_);
    EXPECT_EQ(Revision(globex_), latest);
  }
}

TEST_F(RewindTest, LeavesAnOpenSnapshotAsItWas) {
  PutContacts(acme_, {MakeContact(4'000, "Walter")});
  auto snapshot = reader(1).Begin(false);
  ASSERT_TRUE(snapshot);
  ASSERT_TRUE(HasContact(1, 4'000));
  Rewind();
  EXPECT_TRUE(HasContact(1, 4'000));
  EXPECT_FALSE(HasContact(0, 4'000));
}

TEST_F(RewindTest, CountsAsACommitOfThisProcess) {
  const std::uint64_t before = database_->writer().commits();
  Rewind();
  EXPECT_GT(database_->writer().commits(), before);
}

}  // namespace
}  // namespace portal::store::testing
