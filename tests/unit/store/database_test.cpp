#include "store/database.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/stat.h>

#include <fstream>

#include "store/migrator.h"
#include "store/write_lock.h"
#include "unit/store/store_fixture.h"

namespace portal::store::testing {
namespace {

namespace fs = std::filesystem;

class Databases : public ::testing::Test {
 protected:
  base::Result<std::unique_ptr<Database>> Open(bool create = true) {
    return Database::Open(
        {.folder = folder_.path() / "data", .create = create, .lock_wait = std::chrono::milliseconds(200)}, clock_,
        logger_);
  }
  void Create() { ASSERT_TRUE(Open()); }
  fs::path File(const char* name) { return folder_.path() / "data" / name; }
  void WriteFile(const char* name, const std::string& content) {
    fs::create_directories(folder_.path() / "data");
    std::ofstream(File(name), std::ios::binary) << content;
  }
  void ExpectRefusal(const std::string& part) {
    const auto opened = Open();
    ASSERT_FALSE(opened) << part;
    EXPECT_EQ(opened.error().code, base::ErrorCode::kUnavailable);
    EXPECT_NE(opened.error().detail.find(part), std::string::npos) << opened.error().detail;
    EXPECT_EQ(opened.error().detail.find(folder_.path().string()), std::string::npos) << "no path in the detail";
  }

  portal::testing::TempFolder folder_;
  base::SystemClock clock_;
  base::Logger logger_{clock_, 2, base::LogLevel::kOff};
};

TEST_F(Databases, AreMadeWholeAndPrivate) {
  const mode_t before = umask(0);
  const auto opened = Open();
  umask(before);
  ASSERT_TRUE(opened) << opened.error().internal;
  EXPECT_EQ((*opened)->epoch().size(), 32u);
  EXPECT_TRUE((*opened)->Probe());
  for (const char* name : {"portal.db", "portal.db-wal", "portal.db-shm", "portal.lock"}) {
    struct stat status {};
    ASSERT_EQ(stat(File(name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << name;
  }
  EXPECT_FALSE(fs::exists(File("portal.db.new")));
}

TEST_F(Databases, KeepTheirEpochAndDifferFromOthers) {
  const std::string epoch = Open().value()->epoch();
  EXPECT_EQ(Open().value()->epoch(), epoch);
  fs::remove_all(folder_.path() / "data");
  EXPECT_NE(Open().value()->epoch(), epoch);
}

TEST_F(Databases, AreNotMadeWhereTheyShouldBeFound) {
  const auto opened = Open(false);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::ErrorCode::kUnavailable);
  EXPECT_FALSE(fs::exists(File("portal.db")));
  Create();
  EXPECT_TRUE(Open(false));
}

TEST_F(Databases, ThatAreNoneAreRefused) {
  WriteFile("portal.db",
            "This is not a database, but long enough to have a header of a hundred bytes: " + std::string(4096, 'x'));
  ExpectRefusal("not a database");
}

TEST_F(Databases, OfNoBytesAreRefused) {
  WriteFile("portal.db", "");
  ExpectRefusal("is empty");
}

TEST_F(Databases, ThatAreFoldersAreRefused) {
  fs::create_directories(File("portal.db"));
  ExpectRefusal("is a folder");
}

TEST_F(Databases, OfOtherProgramsAreRefused) {
  fs::create_directories(folder_.path() / "data");
  SQLite::Database(File("portal.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE t (x)");
  ExpectRefusal("another program");
}

TEST_F(Databases, ThatAreTruncatedAreRefused) {
  Create();
  fs::resize_file(File("portal.db"), 50);
  ExpectRefusal("restore a backup");
}

TEST_F(Databases, OfANewerReleaseAreRefusedWithBothVersions) {
  Create();
  SQLite::Database(File("portal.db").string(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 4711");
  ExpectRefusal("schema version 4711, this program knows 3");
}

TEST_F(Databases, ThatAreMissingBesideTheirLogAreRefused) {
  WriteFile("portal.db-wal", std::string(100, 'x'));
  ExpectRefusal("portal.db-wal");
}

TEST_F(Databases, ThatAnotherProcessChangesAreWaitedForAndRefusedInTheEnd) {
  Create();
  const auto lock = WriteLock::Open(File("portal.lock"));
  const auto held = (*lock)->Acquire(std::chrono::milliseconds(0));
  ASSERT_TRUE(held);
  ExpectRefusal("locked by another process");
}

TEST_F(Databases, InAFileInsteadOfAFolderAreRefused) {
  std::ofstream(folder_.path() / "data") << "x";
  const auto opened = Open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::ErrorCode::kUnavailable);
}

TEST_F(Databases, AreBegunAgainAfterACrashWhileTheyWereMade) {
  WriteFile("portal.db.new", std::string(5'000, 'x'));
  WriteFile("portal.db.new-journal", std::string(5'000, 'x'));
  EXPECT_TRUE(Open());
}

TEST_F(Databases, SayWhenTheirFileIsGoneOrReplaced) {
  const auto opened = Open();
  ASSERT_TRUE((*opened)->Probe());
  fs::rename(File("portal.db"), File("elsewhere"));
  EXPECT_EQ((*opened)->Probe().error().code, base::ErrorCode::kUnavailable);
  fs::copy_file(File("elsewhere"), File("portal.db"));
  EXPECT_EQ((*opened)->Probe().error().code, base::ErrorCode::kUnavailable);
  fs::rename(File("elsewhere"), File("portal.db"));
  EXPECT_TRUE((*opened)->Probe());
  fs::remove(File("portal.lock"));
  EXPECT_EQ((*opened)->Probe().error().code, base::ErrorCode::kUnavailable);
}

TEST_F(Databases, ShrinkALargeLog) {
  auto database = std::move(*Open());
  const auto wal = File("portal.db-wal");
  const auto write = [&](std::int64_t rows) {
    ASSERT_TRUE(database->writer().Write([&](WriteTransaction& t) -> base::Status {
      const auto acme = t.CreateTenant("t" + std::to_string(rows), "Acme", "b" + std::to_string(rows))->id;
      for (std::int64_t i = 0; i < rows; ++i) {
        if (auto done = t.UpsertContact(acme, MakeContact(i, "a", 1)); !done) return base::Fail(done.error());
        model::Contact large = MakeContact(i, "a", 1);
        large.address = std::string(40'000, 'x');
        if (auto done = t.UpsertContact(acme, large); !done) return base::Fail(done.error());
      }
      return {};
    }));
  };
  write(10);
  const auto small = fs::file_size(wal);
  database->Maintain();
  EXPECT_EQ(fs::file_size(wal), small) << "nothing to do";
  write(2'500);
  ASSERT_GT(fs::file_size(wal), 64u << 20);
  database->Maintain();
  EXPECT_EQ(fs::file_size(wal), 0u);
}

TEST(Migrations, AreAppliedInOrderAfterABackup) {
  const portal::testing::TempFolder folder;
  const fs::path file = folder.path() / "portal.db";
  const base::Resource first[] = {{"0001_initial.sql", "CREATE TABLE t (x); INSERT INTO t VALUES (1)"}};
  const base::Resource both[] = {first[0], {"0002_more.sql", "ALTER TABLE t ADD COLUMN y; UPDATE t SET y = x + 1"}};
  SQLite::Database db(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  ASSERT_TRUE(Migrator(first).Initialise(db));
  ASSERT_TRUE(Migrator(first).Upgrade(db, file));
  EXPECT_FALSE(fs::exists(folder.path() / "portal.db.before-0002")) << "nothing to upgrade, nothing to back up";

  ASSERT_TRUE(Migrator(both).CheckReadable(db));
  ASSERT_TRUE(Migrator(both).Upgrade(db, file));
  EXPECT_EQ(db.execAndGet("SELECT y FROM t").getInt(), 2);
  EXPECT_EQ(db.execAndGet("PRAGMA user_version").getInt(), 2);
  struct stat status {};
  ASSERT_EQ(stat((folder.path() / "portal.db.before-0002").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  SQLite::Database backup((folder.path() / "portal.db.before-0002").string());
  EXPECT_EQ(backup.execAndGet("PRAGMA user_version").getInt(), 1);
  EXPECT_EQ(backup.execAndGet("SELECT x FROM t").getInt(), 1);
  EXPECT_FALSE(Migrator(first).CheckReadable(db)) << "the older program refuses it now";
}

TEST(Migrations, AreNotBegunWithoutAWholeBackup) {
  const portal::testing::TempFolder folder;
  const fs::path file = folder.path() / "portal.db";
  const base::Resource first[] = {{"0001_initial.sql", "CREATE TABLE t (x)"}};
  const base::Resource both[] = {first[0], {"0002_more.sql", "CREATE TABLE u (x)"}};
  SQLite::Database db(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  ASSERT_TRUE(Migrator(first).Initialise(db));
  db.exec("BEGIN; INSERT INTO t VALUES (1)");  // a source that is being written cannot be copied: SQLITE_LOCKED
  EXPECT_THROW(static_cast<void>(Migrator(both).Upgrade(db, file)), SQLite::Exception);
  db.exec("ROLLBACK");
  for (const auto& entry : fs::directory_iterator(folder.path())) EXPECT_EQ(entry.path(), file);
  EXPECT_EQ(db.execAndGet("PRAGMA user_version").getInt(), 1);
  EXPECT_TRUE(Migrator(both).Upgrade(db, file));
}

TEST(Migrations, ThatFailLeaveTheVersionBefore) {
  const portal::testing::TempFolder folder;
  const fs::path file = folder.path() / "portal.db";
  const base::Resource first[] = {{"0001_initial.sql", "CREATE TABLE t (x PRIMARY KEY)"}};
  const base::Resource broken_sql[] = {first[0], {"0002_more.sql", "CREATE TABLE u (x); CREATE TABLE t (x)"}};
  const base::Resource broken_keys[] = {
      first[0], {"0002_more.sql", "CREATE TABLE u (x REFERENCES t (x)); INSERT INTO u VALUES (1)"}};
  SQLite::Database db(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  ASSERT_TRUE(Migrator(first).Initialise(db));
  EXPECT_THROW(static_cast<void>(Migrator(broken_sql).Upgrade(db, file)), SQLite::Exception);
  EXPECT_FALSE(Migrator(broken_keys).Upgrade(db, file));
  EXPECT_EQ(db.execAndGet("PRAGMA user_version").getInt(), 1);
  EXPECT_EQ(db.execAndGet("SELECT count(*) FROM sqlite_schema WHERE name = 'u'").getInt(), 0);
}

}  // namespace
}  // namespace portal::store::testing
