#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include "unit/store/store_fixture.h"

namespace portal::store::testing {
namespace {

/// Opens the store, adds ten contacts a transaction and notes each commit, until it is killed.
/// The logger is the parent's: a forked child starts no threads.
[[noreturn]] void WriteUntilKilled(const std::filesystem::path& folder, const base::Clock& clock, base::Logger& logger,
                                   std::atomic<std::int64_t>& committed) {
  auto database = Database::Open({.folder = folder}, clock, logger);
  if (!database) _exit(1);
  const base::TenantId tenant = (*database)->reader({0}).tenants.FindBySlug("acme").value().id;
  while (true) {
    const std::int64_t first = committed;
    const base::Status done = (*database)->writer().Write([&](WriteTransaction& t) -> base::Status {
      for (std::int64_t i = first; i < first + 10; ++i) {
        model::Contact contact = MakeContact(i, "Ada " + std::to_string(i));
        contact.address = std::string(3'000, 'x');
        if (auto put = t.UpsertContact(tenant, contact); !put) return base::Fail(put.error());
      }
      return {};
    });
    if (!done) _exit(1);
    committed = first + 10;
  }
}

TEST(Stores, SurviveBeingKilledWhileTheyAreWritten) {
  const portal::testing::TempFolder folder;
  const base::SystemClock clock;
  base::Logger logger(clock, 2, base::LogLevel::kOff);
  {
    auto database = Database::Open({.folder = folder.path()}, clock, logger);
    ASSERT_TRUE((*database)->writer().Write([](WriteTransaction& t) -> base::Status {
      if (auto tenant = t.CreateTenant("acme", "Acme", "acme"); !tenant) return base::Fail(tenant.error());
      return {};
    }));
  }
  auto* committed = static_cast<std::atomic<std::int64_t>*>(
      mmap(nullptr, sizeof(std::atomic<std::int64_t>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  std::mt19937 random(4);
  for (int round = 0; round < 10; ++round) {
    const std::int64_t before = *committed;
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) WriteUntilKilled(folder.path(), clock, logger, *committed);
    // Some commits, then a random moment: past the first checkpoint in some rounds, within one in others.
    const std::int64_t goal = before + 10 + static_cast<std::int64_t>(random() % 400);
    int status = 0;
    while (*committed < goal && waitpid(child, &status, WNOHANG) == 0)
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    ASSERT_EQ(status, 0) << "the child ended by itself";
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 3'000));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);

    auto database = Database::Open({.folder = folder.path()}, clock, logger);
    ASSERT_TRUE(database) << database.error().internal;
    SQLite::Database db((folder.path() / "portal.db").string(), SQLite::OPEN_READWRITE);
    EXPECT_EQ(db.execAndGet("PRAGMA integrity_check").getString(), "ok");
    EXPECT_FALSE(SQLite::Statement(db, "PRAGMA foreign_key_check").executeStep());
    const std::int64_t rows = db.execAndGet("SELECT count(*) FROM contacts").getInt64();
    // A commit may be there that the child could not note any more, but none that it noted is missing.
    EXPECT_GE(rows, *committed);
    EXPECT_LE(rows, *committed + 10);
    EXPECT_EQ(rows % 10, 0);
    EXPECT_EQ(db.execAndGet("SELECT contacts_total FROM tenants").getInt64(), rows);
    db.exec("INSERT INTO contacts_search (contacts_search) VALUES ('integrity-check')");
    *committed = rows;
  }
  munmap(committed, sizeof *committed);
}

class BesideEachOther : public StoreTest {};

TEST_F(BesideEachOther, TwoProcessesAndReadersSeeWholeTransactionsOnly) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto other = Database::Open({.folder = folder_.path(), .durability = Durability::kNone}, clock_, logger_);
    if (!other) _exit(1);
    for (std::int64_t round = 0; round < 100; ++round) {
      const base::Status done = (*other)->writer().Write([&](WriteTransaction& t) -> base::Status {
        for (std::int64_t i = 0; i < 20; ++i) {
          if (!t.UpsertContact(acme_, MakeContact(round * 20 + i, "Ada")))
            return base::Fail(base::ErrorCode::kInternal, "");
        }
        return {};
      });
      if (!done) _exit(2);
    }
    other->reset();
    _exit(0);
  }
  std::atomic<bool> stop{false};
  std::thread watcher([&] {
    while (!stop) {
      const auto snapshot = reader(1).Begin(false);
      model::ContactQuery query;
      query.search = "ada";
      const auto searched = reader(1).contacts.List(acme_, query, [](const model::ContactView&) {});
      const auto listed = reader(1).contacts.List(acme_, {}, [](const model::ContactView&) {});
      ASSERT_TRUE(searched && listed);
      EXPECT_EQ(searched->total, listed->total) << "one snapshot, one state";
      EXPECT_EQ(listed->total % 20, 0) << "part of a transaction was seen";
    }
  });
  for (std::int64_t round = 0; round < 100; ++round) {
    PutContacts(globex_, {MakeContact(round, "Bob")});
  }
  int status = 0;
  waitpid(child, &status, 0);
  stop = true;
  watcher.join();
  EXPECT_EQ(status, 0);
  EXPECT_EQ(ListContacts(acme_, {}).info.total, 2'000);
  EXPECT_EQ(ListContacts(globex_, {}).info.total, 100);
}

}  // namespace
}  // namespace portal::store::testing
