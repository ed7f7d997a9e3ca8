#include "store/reader.h"

#include <atomic>

#include "base/movable_clock.h"
#include "unit/store/store_fixture.h"

namespace portal::store::testing {
namespace {

/// Time passes whenever somebody looks at it.
class RestlessClock final : public base::Clock {
 public:
  base::MonotonicTime Monotonic() const override {
    return base::MonotonicTime{std::chrono::microseconds(now_us_ += step_us_)};
  }
  base::WallTime Wall() const override { return Ms(1); }
  void SetStep(std::chrono::microseconds step) { step_us_ = step.count(); }

 private:
  mutable std::atomic<std::int64_t> now_us_{0};
  std::atomic<std::int64_t> step_us_{0};
};

class Budgets : public StoreTest {
 protected:
  Budgets() {
    std::vector<model::Job> jobs;
    for (std::int64_t i = 0; i < 2'000; ++i) jobs.push_back(MakeJob(i, "Roof"));
    PutJobs(acme_, jobs);
    database_.reset();
    database_ =
        std::move(*Database::Open({.folder = folder_.path(), .durability = Durability::kNone}, restless_, logger_));
  }
  base::Result<model::PageInfo> ReadLong() {
    model::JobQuery query;
    query.status = model::JobStatus::kCancelled;  // none: all rows are looked at
    return reader().jobs.List(acme_, query, [](const model::JobView&) {});
  }
  RestlessClock restless_;
};

TEST_F(Budgets, EndReadsOfAnEventLoopAfterTwoMilliseconds) {
  restless_.SetStep(std::chrono::microseconds(200));
  const auto snapshot = reader().Begin(true);
  const auto page = ReadLong();
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, base::ErrorCode::kOverBudget);
}

TEST_F(Budgets, GoOnWhileATestMovesTheClock) {
  base::MovableClock clock(std::nullopt);
  database_.reset();
  database_ = std::move(*Database::Open({.folder = folder_.path(), .durability = Durability::kNone}, clock, logger_));
  const auto snapshot = reader().Begin(false);
  clock.Advance(std::chrono::hours{1});
  const auto page = ReadLong();
  EXPECT_TRUE(page) << page.error().detail;
}

TEST_F(Budgets, DoNotEndTheSameReadWithoutOne) {
  restless_.SetStep(std::chrono::microseconds(200));
  {
    const auto snapshot = reader().Begin(true);
    ASSERT_FALSE(ReadLong());
  }
  const auto snapshot = reader().Begin(false);
  const auto page = ReadLong();
  ASSERT_TRUE(page) << page.error().internal;
  EXPECT_EQ(page->total, 0);
}

TEST_F(Budgets, DoNotEndAShortReadOfAnEventLoop) {
  restless_.SetStep(std::chrono::microseconds(200));
  const auto snapshot = reader().Begin(true);
  EXPECT_TRUE(reader().jobs.List(acme_, {}, [](const model::JobView&) {}));
}

TEST_F(Budgets, EndSnapshotsThatLiveTooLong) {
  const auto snapshot = reader().Begin(false);
  restless_.SetStep(std::chrono::seconds(1));
  const auto page = ReadLong();
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, base::ErrorCode::kUnavailable);
}

class Snapshots : public StoreTest {};

TEST_F(Snapshots, ShowOneStateWhileOthersWrite) {
  PutContacts(acme_, {MakeContact(1, "Ada")});
  {
    const auto snapshot = reader(0).Begin(false);
    ASSERT_EQ(reader(0).tenants.Revision(acme_), 2);
    PutContacts(acme_, {MakeContact(2, "Bob")});
    EXPECT_EQ(reader(0).tenants.Revision(acme_), 2);
    EXPECT_EQ(reader(0).contacts.Exists(acme_, ContactUuid(2)), false);
    EXPECT_EQ(reader(1).contacts.Exists(acme_, ContactUuid(2)), true);
  }
  EXPECT_EQ(reader(0).contacts.Exists(acme_, ContactUuid(2)), true);
}

TEST_F(Snapshots, EndWhenTheSinkThrows) {
  PutContacts(acme_, {MakeContact(1, "Ada")});
  EXPECT_THROW(
      {
        const auto snapshot = reader().Begin(false);
        static_cast<void>(reader().contacts.List(
            acme_, {}, [](const model::ContactView&) { throw std::logic_error("a bug in the caller"); }));
      },
      std::logic_error);
  PutContacts(acme_, {MakeContact(2, "Bob")});
  EXPECT_EQ(ListContacts(acme_, {}).info.total, 2);
}

class JobRows : public StoreTest {};

TEST_F(JobRows, AreFoundWithAllTheirFields) {
  PutContacts(acme_, {MakeContact(1, "Ada")});
  model::Job full = MakeJob(1, "Roof", 100);
  full.status = model::JobStatus::kInProgress;
  full.contact_id = ContactIdOf(1);
  full.address = "12 Main Street";
  full.scheduled_at = Ms(-5);
  full.completed_at = Ms(6);
  full.updated_at = Ms(200);
  PutJobs(acme_, {full, MakeJob(2, "Wall")});
  int rows = 0;
  EXPECT_TRUE(reader().jobs.Find(acme_, "job_000001", [&](const model::JobView& row) {
    ++rows;
    EXPECT_EQ(row.id, "job_000001");
    EXPECT_EQ(row.title, "Roof");
    EXPECT_EQ(row.status, model::JobStatus::kInProgress);
    EXPECT_EQ(row.contact_id, ContactUuid(1));
    EXPECT_EQ(row.address, "12 Main Street");
    EXPECT_EQ(row.scheduled_at, Ms(-5));
    EXPECT_EQ(row.completed_at, Ms(6));
    EXPECT_EQ(row.created_at, Ms(100));
    EXPECT_EQ(row.updated_at, Ms(200));
  }));
  EXPECT_TRUE(reader().jobs.Find(acme_, "job_000002", [&](const model::JobView& row) {
    ++rows;
    EXPECT_EQ(row.contact_id, std::nullopt);
    EXPECT_EQ(row.address, std::nullopt);
    EXPECT_EQ(row.scheduled_at, std::nullopt);
    EXPECT_EQ(row.completed_at, std::nullopt);
  }));
  EXPECT_EQ(rows, 2);
}

TEST_F(JobRows, OfAnotherTenantDoNotExistNorDoTheirFiles) {
  PutJobs(acme_, {MakeJob(1, "Roof")});
  PutFiles(acme_, {MakeFile(1, 1, "plan.pdf")});
  const auto ignore_job = [](const model::JobView&) {};
  const auto ignore_file = [](const model::FileView&) {};
  const std::string job = JobIdOf(1).value();
  const std::string file = FileIdOf(1).value();
  EXPECT_EQ(reader().jobs.Exists(globex_, job), false);
  const struct {
    base::Error error;
    const char* detail;
  } cases[] = {
      {reader().jobs.Find(globex_, job, ignore_job).error(), "Job not found"},
      {reader().jobs.Find(acme_, "job_2", ignore_job).error(), "Job not found"},
      {reader().files.List(globex_, job, {}, ignore_file).error(), "Job not found"},
      {reader().files.List(acme_, "job_2", {}, ignore_file).error(), "Job not found"},
      {reader().files.Find(globex_, job, file, ignore_file).error(), "Job not found"},
      {reader().files.Find(acme_, job, "file_2", ignore_file).error(), "File not found"},
      {reader().files.FindByName(globex_, job, "plan.pdf", ignore_file).error(), "File not found"},
      {reader().files.FindByName(acme_, job, "PLAN.pdf", ignore_file).error(), "File not found"},
  };
  for (const auto& row : cases) {
    EXPECT_EQ(row.error.code, base::ErrorCode::kNotFound);
    EXPECT_EQ(row.error.detail, row.detail);
  }
  EXPECT_TRUE(reader().jobs.Find(acme_, job, ignore_job));
  EXPECT_TRUE(reader().files.Find(acme_, job, file, ignore_file));
}

TEST_F(JobRows, AreFoundByPrefixesOfTitleWordsWithFilters) {
  model::Job done = MakeJob(1, "Roof replacement", 1);
  done.status = model::JobStatus::kCompleted;
  PutJobs(acme_, {done, MakeJob(2, "Roofing repair", 2), MakeJob(3, "Window repair", 3)});
  PutJobs(globex_, {MakeJob(4, "Roof repair", 4)});
  model::JobQuery query;
  query.search = "roof";
  EXPECT_EQ(ListJobs(acme_, query).ids, (std::vector<std::string>{"job_000002", "job_000001"}));
  query.search = "ROOF rep";
  query.status = model::JobStatus::kCompleted;
  EXPECT_EQ(ListJobs(acme_, query).ids, std::vector<std::string>{"job_000001"});
  query.contact_id = base::ContactId("nobody");
  EXPECT_EQ(ListJobs(acme_, query).info.total, 0);
}

}  // namespace
}  // namespace portal::store::testing
