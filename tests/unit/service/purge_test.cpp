#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "store/backup_lock.h"
#include "unit/service/purge_fixture.h"

namespace portal::service {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

TEST_F(Purges, OweThePagesUntilTheLastOneIsOverwritten) {
  Run();
  DeleteFile(acme_, PutFile(acme_, "a.txt", "hello"));
  clock_.Advance(24h);
  {
    const auto snapshot = database_->reader({0}).Begin(false);
    ASSERT_TRUE(database_->reader({0}).tenants.Revision(acme_));
    Write([&](store::WriteTransaction& t) { return t.UpsertJob(acme_, JobOf(2, "Wall")).map([](auto) {}); });
    const PurgeReport blocked = Run(Purge::Due::kInTurn);
    EXPECT_EQ(blocked.removed.blobs, 1);
    EXPECT_FALSE(blocked.complete || blocked.pages_overwritten || blocked.log_emptied);
    EXPECT_EQ(blocked.next_due, clock_.Wall());
    EXPECT_TRUE(purge().IsDue().value());
  }
  const PurgeReport rest = Run(Purge::Due::kInTurn);
  EXPECT_TRUE(rest.complete && rest.pages_overwritten && rest.log_emptied);
  EXPECT_FALSE(purge().IsDue().value());
}

TEST_F(Purges, OweTheLogUntilItIsEmptied) {
  DeleteFile(acme_, PutFile(acme_, "a.txt", "hello"));
  std::optional<base::Result<store::Reader::Snapshot>> snapshot;
  const auto kept = purge().Run(Purge::Due::kAll, [&](const PurgeReport& so_far, std::chrono::nanoseconds) {
    if (!so_far.pages_overwritten) return true;
    snapshot.emplace(database_->reader({0}).Begin(false));
    EXPECT_TRUE(database_->reader({0}).tenants.Revision(acme_));
    return true;
  });
  ASSERT_TRUE(kept);
  EXPECT_TRUE(kept->pages_overwritten);
  EXPECT_FALSE(kept->complete || kept->log_emptied);
  EXPECT_TRUE(purge().IsDue().value());
  snapshot.reset();
  const PurgeReport rest = Run(Purge::Due::kInTurn);
  EXPECT_TRUE(rest.complete && rest.log_emptied);
}

TEST_F(Purges, LookAtAllPagesOnceADayAtTheMost) {
  DeleteFile(acme_, PutFile(acme_, "a.txt", "one"));
  clock_.Advance(23h);
  DeleteFile(acme_, PutFile(acme_, "b.txt", "two"));
  clock_.Advance(1h);
  EXPECT_TRUE(Run(Purge::Due::kInTurn).pages_overwritten);
  const base::WallTime scrubbed = clock_.Wall();
  clock_.Advance(23h);
  const PurgeReport second = Run(Purge::Due::kInTurn);
  EXPECT_EQ(second.removed.blobs, 1);
  EXPECT_FALSE(second.pages_overwritten || second.complete);
  EXPECT_EQ(second.next_due, scrubbed + 24h);
  EXPECT_FALSE(purge().IsDue().value());
  EXPECT_TRUE(Run().pages_overwritten) << "whoever asks for it has it at once";
}

TEST_F(Purges, LookAtNoPageForWhatLeavesNothingInThem) {
  clock_.SetWall(std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()));
  Run();
  ASSERT_TRUE(blobs_.Put("an orphan"));
  clock_.Advance(61min);
  const PurgeReport report = Run(Purge::Due::kAll);
  EXPECT_EQ(report.removed.orphans, 1);
  EXPECT_FALSE(report.pages_overwritten || report.log_emptied);
  EXPECT_TRUE(report.complete);
}

TEST_F(Purges, SayThatTheFolderCannotBeRead) {
  Purge lost(*database_, blobs_, folder_.path() / "gone", 24h, clock_, logger_);
  Run();
  const auto report = lost.Run(Purge::Due::kInTurn, [](const PurgeReport&, std::chrono::nanoseconds) { return true; });
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, base::ErrorCode::kUnavailable);
  EXPECT_NE(report.error().detail.find("No such file"), std::string::npos) << report.error().detail;
}

TEST_F(Purges, KeepNoReportOfARoundThatDidNothing) {
  DeleteFile(acme_, PutFile(acme_, "a.txt", "hello"));
  clock_.Advance(24h);
  Run();
  const auto last = Purge::LastReport(database_->reader({0})).value();
  clock_.Advance(25h);
  const auto backup = store::BackupLock::KeepBlobs(folder_.path(), 0ms);
  EXPECT_TRUE(purge().IsDue().value()) << "orphans are to be looked for";
  EXPECT_TRUE(Run(Purge::Due::kInTurn).blobs_needed);
  EXPECT_EQ(Purge::LastReport(database_->reader({0})).value(), last);
}

TEST_F(Purges, LeaveNoTraceOfADeletedRow) {
  std::mt19937 random(5);
  std::vector<std::string> names(4'000);
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = "w" + base::ToHex(crypto::Sha256(std::to_string(i))).substr(0, 20);
  }
  const auto put = [&](std::size_t from, std::size_t to) {
    Write([&](store::WriteTransaction& t) -> base::Status {
      for (std::size_t i = from; i < to; ++i) {
        if (auto done = t.UpsertContact(acme_, ContactOf(static_cast<std::int64_t>(random()), names[i])); !done) {
          return base::Fail(done.error());
        }
      }
      return {};
    });
  };
  for (std::size_t at = 0; at < names.size(); at += 500) put(at, at + 500);
  random.seed(5);
  std::set<std::size_t> gone;
  Write([&](store::WriteTransaction& t) -> base::Status {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const model::Contact contact = ContactOf(static_cast<std::int64_t>(random()), names[i]);
      if (i % 10 != 3) continue;
      gone.insert(i);
      if (auto done = t.DeleteContact(acme_, contact.id); !done) return done;
    }
    EXPECT_TRUE(t.UpsertJob(acme_, JobOf(2, "Zanzibarprojekt")));
    return t.DeleteJob(acme_, base::JobId("job_2"));
  });
  const model::File file = PutFile(acme_, "geheim-xyzzy.txt", "the secret of Xyzzy");
  DeleteFile(acme_, file);

  // FTS5 keeps of a word only what differs from the one before it: its last letters are looked for.
  const auto count_left = [&](const std::string& bytes) {
    std::size_t left = 0;
    for (const std::size_t i : gone) left += bytes.find(names[i].substr(8)) != std::string::npos;
    return left;
  };
  EXPECT_GT(count_left(AllBytes()), gone.size() / 4) << "the words are in the search table still";
  clock_.Advance(24h);
  const PurgeReport report = Run();
  EXPECT_TRUE(report.contacts_search_merged && report.jobs_search_merged && report.log_emptied && report.complete);
  EXPECT_EQ(report.next_due, std::nullopt);
  const std::string bytes = AllBytes();
  EXPECT_EQ(count_left(bytes), 0u);
  for (const char* trace : {"anzibar", "zanzibar", "geheim-xyzzy", "secret of Xyzzy"}) {
    EXPECT_EQ(bytes.find(trace), std::string::npos) << trace;
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (gone.contains(i)) continue;
    ASSERT_NE(bytes.find(names[i]), std::string::npos) << "what was not deleted is there";
  }
  model::ContactQuery query;
  query.search = names[0];
  auto snapshot = database_->reader({0}).Begin(false);
  EXPECT_EQ(database_->reader({0}).contacts.List(acme_, query, [](const model::ContactView&) {})->total, 1);
}

TEST_F(Purges, LeaveNoTraceOfADeletedTenantAndAllOfTheOthers) {
  const auto fill = [&](const base::TenantId& tenant, const std::string& word) {
    Write([&](store::WriteTransaction& t) -> base::Status {
      for (int i = 0; i < 2'500; ++i) {
        if (auto done = t.UpsertContact(tenant, ContactOf(i, word + std::to_string(i))); !done) {
          return base::Fail(done.error());
        }
      }
      for (int i = 10; i < 600; ++i) {
        model::Job job = JobOf(i, word + "job");
        job.contact_id = ContactOf(i, "").id;
        if (auto done = t.UpsertJob(tenant, job); !done) return base::Fail(done.error());
      }
      return t.CreateClient({.id = base::ClientId(word + "client"),
                             .tenant = tenant,
                             .name = word + "shop",
                             .revoked = false,
                             .created_at = {}});
    });
    PutFile(tenant, word + ".txt", word + " wrote this");
    PutFile(tenant, "both.txt", "for both of them");
  };
  fill(acme_, "quagga");
  fill(globex_, "dodo");
  Write([&](store::WriteTransaction& t) { return t.DeleteTenant(acme_); });
  clock_.Advance(24h - 1ms);
  EXPECT_EQ(Run().removed.tenants, 0);
  clock_.Advance(1ms);
  std::vector<std::int64_t> steps;
  std::int64_t before = 0;
  const auto report = purge().Run(Purge::Due::kByRetention, [&](const PurgeReport& so_far, std::chrono::nanoseconds) {
    const auto& gone = so_far.removed;
    const std::int64_t rows = gone.contacts + gone.jobs + gone.files + gone.blobs + gone.tenants;
    steps.push_back(rows - before);
    before = rows;
    return true;
  });
  ASSERT_TRUE(report);
  EXPECT_EQ(report->removed.tenants, 1);
  EXPECT_EQ(report->removed.contacts, 2'500);
  EXPECT_EQ(report->removed.jobs, 591);
  EXPECT_EQ(report->removed.files, 2);
  EXPECT_EQ(report->removed.blobs, 2);
  EXPECT_EQ(report->removed.blob_files, 1);
  EXPECT_EQ(report->waiting.tenants, 0);
  EXPECT_LE(std::ranges::max(steps), 2'000) << "rows a transaction";
  const std::string bytes = AllBytes();
  for (const char* trace : {"quagga", "uagga", "Acme", "acme-files"}) {
    EXPECT_EQ(bytes.find(trace), std::string::npos) << trace;
  }
  EXPECT_TRUE(IsThere("for both of them"));
  EXPECT_EQ(database_->reader({0}).tenants.FindBySlug("globex")->contacts, 2'500);
  Write([&](store::WriteTransaction& t) -> base::Status {
    EXPECT_GT(t.CreateTenant("third", "Third", "third")->id, globex_) << "no number is given twice";
    return {};
  });
}

TEST_F(Purges, GiveNoPurgedTenantsNumberAgain) {
  Write([&](store::WriteTransaction& t) { return t.DeleteTenant(globex_); });
  EXPECT_EQ(Run(Purge::Due::kAll).removed.tenants, 1);
  base::TenantId next;
  Write([&](store::WriteTransaction& t) -> base::Status {
    next = t.CreateTenant("third", "Third", "third")->id;
    return {};
  });
  EXPECT_GT(next, globex_);
}

TEST_F(Purges, GoOnWhereAnotherOneStopped) {
  Write([&](store::WriteTransaction& t) -> base::Status {
    for (int i = 0; i < 5'000; ++i) {
      if (auto done = t.UpsertContact(acme_, ContactOf(i, "n" + std::to_string(i))); !done) {
        return base::Fail(done.error());
      }
    }
    return {};
  });
  Write([&](store::WriteTransaction& t) { return t.DeleteTenant(acme_); });
  int stopped = 0;
  PurgeReport report;
  do {
    ASSERT_LT(stopped, 2'000);
    report = purge().Run(Purge::Due::kAll, [](const PurgeReport&, std::chrono::nanoseconds) { return false; }).value();
    EXPECT_TRUE(stopped > 0 || !report.complete);
    // Each run does one step of its first part and stops; the part after it is reached when that has nothing left.
    ++stopped;
  } while (report.waiting.tenants > 0);
  EXPECT_GE(stopped, 3);
  EXPECT_EQ(Run(Purge::Due::kAll).waiting.search, false);
}

TEST_F(Purges, AreDueWhenSomethingIs) {
  Run();
  EXPECT_FALSE(purge().IsDue().value());
  DeleteFile(acme_, PutFile(acme_, "a.txt", "hello"));
  EXPECT_FALSE(purge().IsDue().value());
  clock_.Advance(23h);
  EXPECT_FALSE(purge().IsDue().value());
  clock_.Advance(1h);
  EXPECT_TRUE(purge().IsDue().value());
  Run();
  EXPECT_FALSE(purge().IsDue().value());
  clock_.Advance(25h);
  EXPECT_TRUE(purge().IsDue().value()) << "all blobs are looked at once a day";
}

TEST_F(Purges, RemoveCopiesFromBeforeAnUpgrade) {
  const fs::path copy = folder_.path() / "portal.db.before-0002";
  std::ofstream(copy) << "rows that are deleted by now";
  EXPECT_EQ(Run().removed.upgrade_copies, 0);
  Purge at_once(*database_, blobs_, folder_.path(), 0ms, clock_, logger_);
  const auto kept = at_once.Run(Purge::Due::kInTurn, [](const PurgeReport&, std::chrono::nanoseconds) { return true; });
  EXPECT_TRUE(kept && kept->removed.upgrade_copies == 0) << "a day to go back, whatever the retention";
  fs::last_write_time(copy, fs::file_time_type::clock::now() - 25h);
  EXPECT_EQ(Run().removed.upgrade_copies, 1);
  EXPECT_FALSE(fs::exists(copy));
  std::ofstream(copy) << "and another one";
  EXPECT_EQ(Run(Purge::Due::kAll).removed.upgrade_copies, 1);
}

TEST_F(Purges, KeepTheirReport) {
  EXPECT_EQ(Purge::LastReport(database_->reader({0})).value(), std::nullopt);
  DeleteFile(acme_, PutFile(acme_, "a.txt", "hello"));
  Run();
  const auto waiting = nlohmann::json::parse(*Purge::LastReport(database_->reader({0})).value());
  EXPECT_EQ(waiting["removed"]["blobs"], 0);
  EXPECT_EQ(waiting["waiting"]["blobs"], 1);
  EXPECT_EQ(waiting["waiting"]["blob_bytes"], 5);
  EXPECT_EQ(waiting["waiting"]["until"], "2025-09-03T02:05:23.456Z");
  clock_.Advance(24h);
  Run();
  const auto done = nlohmann::json::parse(*Purge::LastReport(database_->reader({0})).value());
  EXPECT_EQ(done["removed"]["blob_bytes"], 5);
  EXPECT_EQ(done["waiting"]["until"], nullptr);
  EXPECT_EQ(done["complete"], true);
}

}  // namespace
}  // namespace portal::service
