#include <atomic>
#include <thread>

#include "store/backup_lock.h"
#include "unit/service/purge_fixture.h"

namespace portal::service {
namespace {

using namespace std::chrono_literals;

TEST_F(Purges, LeaveBlobsUntilTheRetentionIsOver) {
  const model::File file = PutFile(acme_, "a.txt", "hello");
  DeleteFile(acme_, file);
  clock_.Advance(24h - 1ms);
  EXPECT_EQ(Run().removed.blobs, 0);
  EXPECT_TRUE(IsThere("hello"));
  clock_.Advance(1ms);
  const auto open = blobs_.Open(file.sha256);
  const PurgeReport report = Run();
  EXPECT_EQ(report.removed.blobs, 1);
  EXPECT_EQ(report.removed.blob_files, 1);
  EXPECT_EQ(report.removed.blob_bytes, 5);
  EXPECT_TRUE(report.complete);
  EXPECT_FALSE(IsThere("hello"));
  char first = 0;
  EXPECT_EQ(::pread(open->fd.get(), &first, 1, 0), 1) << "a download that has begun goes on";
}

TEST_F(Purges, LeaveBlobsThatAFileNamesAgain) {
  const model::File file = PutFile(acme_, "a.txt", "hello");
  DeleteFile(acme_, file);
  clock_.Advance(20h);
  PutFile(acme_, "again.txt", "hello");
  clock_.Advance(20h);
  EXPECT_EQ(Run().removed.blobs, 0);
  EXPECT_TRUE(IsThere("hello"));
}

TEST_F(Purges, TakeASharedBlobOnlyWhenEverybodyHasLetGo) {
  const model::File acmes = PutFile(acme_, "a.txt", "shared");
  const model::File globexs = PutFile(globex_, "g.txt", "shared");
  DeleteFile(acme_, acmes);
  clock_.Advance(25h);
  EXPECT_EQ(Run().removed.blobs, 1);
  EXPECT_TRUE(IsThere("shared"));
  DeleteFile(globex_, globexs);
  clock_.Advance(25h);
  EXPECT_EQ(Run().removed.blob_files, 1);
  EXPECT_FALSE(IsThere("shared"));
}

TEST_F(Purges, ForgetUploadsThatNoFileNamed) {
  auto staging = blobs_.Stage();
  const std::string content = "never named";
  ASSERT_TRUE(staging->Append(std::as_bytes(std::span(content))));
  ASSERT_EQ(StoreBlob(database_->writer(), blobs_, acme_, *std::move(*staging).Finish()).value(), BlobOutcome::kNew);
  EXPECT_EQ(database_->reader({0}).tenants.FindBySlug("acme")->blob_bytes, 11);
  clock_.Advance(24h);
  EXPECT_EQ(Run().removed.blobs, 1);
  EXPECT_EQ(database_->reader({0}).tenants.FindBySlug("acme")->blob_bytes, 0);
  EXPECT_FALSE(IsThere(content));
}

TEST_F(Purges, LeaveAnUploadAnHourForAFileToNameItWhateverTheRetention) {
  auto staging = blobs_.Stage();
  const std::string content = "about to be named";
  ASSERT_TRUE(staging->Append(std::as_bytes(std::span(content))));
  ASSERT_TRUE(StoreBlob(database_->writer(), blobs_, acme_, *std::move(*staging).Finish()));
  DeleteFile(acme_, PutFile(acme_, "a.txt", "hello"));
  const base::WallTime uploaded = clock_.Wall();
  clock_.Advance(1h - 1ms);
  Purge at_once(*database_, blobs_, folder_.path(), 0ms, clock_, logger_);
  for (const auto due : {Purge::Due::kInTurn, Purge::Due::kByRetention, Purge::Due::kAll}) {
    const auto report = at_once.Run(due, [](const PurgeReport&, std::chrono::nanoseconds) { return true; });
    ASSERT_TRUE(report && report->complete);
    EXPECT_EQ(report->next_due, uploaded + 1h);
  }
  EXPECT_FALSE(at_once.IsDue().value());
  EXPECT_TRUE(IsThere(content));
  EXPECT_FALSE(IsThere("hello")) << "which a file had named";
  clock_.Advance(1ms);
  EXPECT_TRUE(at_once.IsDue().value());
  EXPECT_EQ(Run(Purge::Due::kAll).removed.blob_files, 1);
  EXPECT_FALSE(IsThere(content));
}

TEST_F(Purges, RestWithoutTheBlobsSoThatABackupGetsThem) {
  DeleteFile(acme_, PutFile(acme_, "a.txt", "hello"));
  bool removed = false;
  const auto report = purge().Run(Purge::Due::kAll, [&](const PurgeReport& so_far, std::chrono::nanoseconds) {
    removed = removed || so_far.removed.blobs > 0;
    EXPECT_TRUE(store::BackupLock::KeepBlobs(folder_.path(), 0ms));
    return true;
  });
  EXPECT_TRUE(report && removed);
}

TEST_F(Purges, LeaveTheBlobsToWhoeverWaitsForThem) {
  auto removing = store::BackupLock::RemoveBlobs(folder_.path());
  ASSERT_TRUE(removing);
  std::atomic<bool> waits = false;
  std::jthread backup([&] {
    const auto kept = store::BackupLock::KeepBlobs(folder_.path(), 10s, [&] {
      waits = true;
      waits.notify_all();
      return false;
    });
    EXPECT_TRUE(kept);
  });
  waits.wait(false);
  const auto again = store::BackupLock::RemoveBlobs(folder_.path());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, base::ErrorCode::kConflict);
  removing = base::Fail(base::ErrorCode::kConflict, "let go");
  backup.join();
  EXPECT_TRUE(store::BackupLock::RemoveBlobs(folder_.path()));
}

TEST_F(Purges, LeaveAllBlobsWhileABackupNeedsThem) {
  DeleteFile(acme_, PutFile(acme_, "a.txt", "hello"));
  {
    const auto backup = store::BackupLock::KeepBlobs(folder_.path(), 0ms);
    ASSERT_TRUE(backup);
    const PurgeReport report = Run(Purge::Due::kAll);
    EXPECT_TRUE(report.blobs_needed);
    EXPECT_EQ(report.removed.blobs, 0);
    EXPECT_EQ(report.waiting.blobs, 1);
    EXPECT_TRUE(IsThere("hello"));
  }
  EXPECT_EQ(Run(Purge::Due::kAll).removed.blob_files, 1);
}

TEST_F(Purges, RemoveBlobsThatNobodyNamesAfterAnHour) {
  clock_.SetWall(std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()));
  ASSERT_TRUE(blobs_.Put("an orphan"));
  PutFile(acme_, "a.txt", "hello");
  EXPECT_EQ(Run(Purge::Due::kAll).removed.orphans, 0) << "somebody may be about to name it";
  clock_.Advance(61min);
  const PurgeReport report = Run(Purge::Due::kAll);
  EXPECT_EQ(report.removed.orphans, 1);
  EXPECT_EQ(report.removed.blob_files, 1);
  EXPECT_FALSE(IsThere("an orphan"));
  EXPECT_TRUE(IsThere("hello"));
}

TEST_F(Purges, LookForOrphansAgainThoughAClockThatWasSetWrongSaysThatTheyDidSoYearsAhead) {
  const auto right = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  clock_.SetWall(right + std::chrono::hours(24 * 3650));
  Run();
  clock_.SetWall(right);
  EXPECT_TRUE(*purge().IsDue());
  Run();
  EXPECT_FALSE(*purge().IsDue()) << "done, by a clock that is right";
  clock_.Advance(std::chrono::hours(25));
  EXPECT_TRUE(*purge().IsDue());
}

TEST_F(Purges, NeverTakeBytesThatAFileHasJustNamed) {
  std::atomic<bool> done = false;
  std::jthread purging([&] {
    while (!done) Run(Purge::Due::kAll);
  });
  {
    std::vector<std::jthread> feeds;
    for (int feed = 0; feed < 3; ++feed) {
      feeds.emplace_back([&, feed] {
        const base::TenantId& tenant = feed == 0 ? globex_ : acme_;
        for (int round = 0; round < 60; ++round) {
          // The same few contents come and go in every feed.
          const std::string content = "content " + std::to_string(round % 2);
          const model::File file = PutFile(tenant, "of-feed-" + std::to_string(feed), content);
          EXPECT_TRUE(IsThere(content)) << "feed " << feed << ", round " << round;
          DeleteFile(tenant, file);
        }
      });
    }
  }
  done = true;
  purging.join();
  Run(Purge::Due::kAll);
  EXPECT_FALSE(IsThere("content 0"));
  EXPECT_FALSE(IsThere("content 1"));
}

}  // namespace
}  // namespace portal::service
