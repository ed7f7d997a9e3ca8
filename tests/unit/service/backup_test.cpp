#include "service/backup/backup.h"

#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "service/backup/backup_status.h"
#include "service/backup/sealed_keys.h"
#include "store/backup_lock.h"
#include "unit/service/backup_fixture.h"

namespace portal::service::testing {
namespace {

using base::ErrorCode;

class Backup : public BackupTest {};

TEST_F(Backup, HoldsTheDatabaseItsFilesAndAManifestOfBoth) {
  const BackupReport made = MustBackUp();
  EXPECT_EQ(made.folder.parent_path(), destination());
  const auto manifest = ReadManifest(made.folder);
  ASSERT_TRUE(manifest) << manifest.error().detail;
  EXPECT_EQ(manifest->store.schema_version, store::NewestSchema());
  EXPECT_EQ(manifest->store.epoch, database_->epoch());
  ASSERT_EQ(manifest->store.tenants.size(), 2u);
  EXPECT_EQ(manifest->store.tenants[0].slug, "acme");
  EXPECT_EQ(manifest->store.tenants[0].contacts, 2);
  EXPECT_EQ(manifest->store.tenants[0].jobs, 1);
  EXPECT_EQ(manifest->store.tenants[0].files, 2);
  EXPECT_EQ(manifest->store.blobs.size(), 2u);
  EXPECT_EQ(ReadText(BlobFile(made.folder, first_)), "the plan's bytes");
  EXPECT_EQ(manifest->database.size_bytes, static_cast<std::int64_t>(fs::file_size(made.folder / "portal.db")));
  EXPECT_FALSE(fs::exists(made.folder / "portal.db-wal")) << "the copy needs nothing beside it";
  EXPECT_FALSE(fs::exists(made.folder / "portal.db-shm"));
  EXPECT_EQ(*NewestBackup(destination(), database_->epoch(), clock_.Wall()),
            ParseManifest(ReadText(made.folder / "manifest.json"))->made_at);
}

TEST_F(Backup, IsOneMomentOfAStoreThatIsWritten) {
  std::atomic<bool> stop{false};
  std::atomic<std::int64_t> written{2};
  std::thread writer([&] {
    while (!stop) {
      const std::int64_t next = written + 1;
      PutContacts(acme_, {MakeContact(next, "Person " + std::to_string(next)), MakeContact(next + 1, "Person")});
      written = next + 1;
    }
  });
  for (int round = 0; round < 5; ++round) {
    const std::int64_t before = written;
    while (written < before + 20) std::this_thread::yield();
    const std::int64_t least = written;
    const BackupReport made = MustBackUp();
    const std::int64_t most = written + 2;
    SQLite::Database copy((made.folder / "portal.db").string(), SQLite::OPEN_READONLY);
    const std::int64_t rows = copy.execAndGet("SELECT count(*) FROM contacts").getInt64();
    EXPECT_GE(rows, least) << "what was committed before is in it";
    EXPECT_LE(rows, most);
    EXPECT_EQ(rows % 2, 0) << "no half transaction";
    EXPECT_EQ(rows, made.manifest.store.tenants[0].contacts);
  }
  stop = true;
  writer.join();
}

TEST_F(Backup, LinksFilesInsteadOfCopyingThem) {
  const BackupReport made = MustBackUp();
  EXPECT_EQ(made.linked_blobs, 2u);
  struct stat live {};
  struct stat kept {};
  ASSERT_EQ(::stat(BlobFile(data(), first_).c_str(), &live), 0);
  ASSERT_EQ(::stat(BlobFile(made.folder, first_).c_str(), &kept), 0);
  EXPECT_EQ(live.st_ino, kept.st_ino);
}

TEST_F(Backup, TakesAFileThatTheStoreHasLostFromTheLastBackupAndListsOneThatIsNowhere) {
  MustBackUp();
  fs::remove(BlobFile(data(), first_));
  EXPECT_TRUE(MustBackUp().manifest.missing_blobs.empty());
  fs::remove_all(destination());
  const BackupReport made = MustBackUp();
  EXPECT_EQ(made.manifest.missing_blobs, std::vector{first_});
  EXPECT_EQ(made.manifest.store.blobs.size(), 1u);
  const auto last = ReadLastBackup(data());
  ASSERT_TRUE(last && *last);
  EXPECT_FALSE((*last)->ok) << "somebody must look after this";
  EXPECT_TRUE((*last)->last_good);
}

TEST_F(Backup, HashesWhatItLinksWhenAskedTo) {
  BackupOptions options = Options();
  options.deep = true;
  WriteText(BlobFile(data(), first_), "other bytes here");  // of the same size
  EXPECT_EQ(MustBackUp(options).manifest.missing_blobs, std::vector{first_});
}

TEST_F(Backup, RefusesAPlaceThatIsNone) {
  WriteText(elsewhere_.path() / "file", "");
  const struct {
    fs::path destination;
    ErrorCode code;
  } rows[] = {{data(), ErrorCode::kValidation},
              {data() / "backups", ErrorCode::kValidation},
              {data() / "blobs" / ".." / "x", ErrorCode::kValidation},
              {elsewhere_.path() / "file", ErrorCode::kValidation},
              {elsewhere_.path() / "no" / "such", ErrorCode::kUnavailable}};
  const auto before = Below(elsewhere_.path());
  for (const auto& row : rows) {
    BackupOptions options = Options();
    options.destination = row.destination;
    const auto made = MakeBackup(options, clock_);
    ASSERT_FALSE(made) << row.destination;
    EXPECT_EQ(made.error().code, row.code) << made.error().detail;
    EXPECT_NE(made.error().detail.find(row.destination.string()), std::string::npos) << made.error().detail;
  }
  EXPECT_EQ(Below(elsewhere_.path()), before);
  EXPECT_FALSE(fs::exists(data() / "backups"));
}

TEST_F(Backup, RefusesAFolderWithoutADatabaseAndPutsNothingIntoIt) {
  const portal::testing::TempFolder empty;
  BackupOptions options = Options();
  options.data_folder = empty.path();
  const auto made = MakeBackup(options, clock_);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().detail.find("no database"), std::string::npos) << made.error().detail;
  EXPECT_TRUE(fs::is_empty(empty.path()));
  EXPECT_FALSE(fs::exists(destination()));
}

TEST_F(Backup, RefusesASecondOneAtOnce) {
  auto first = store::BackupLock::MakeBackup(data(), std::chrono::milliseconds{0});
  ASSERT_TRUE(first);
  const auto second = MakeBackup(Options(), clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  EXPECT_FALSE(fs::exists(destination()));
}

TEST_F(Backup, KeepsAPurgeFromTakingFilesMeanwhile) {
  BackupOptions options = Options();
  ErrorCode purge = ErrorCode::kInternal;
  options.watch = [&](const BackupProgress&) {
    const auto lock = store::BackupLock::RemoveBlobs(data());
    if (!lock) purge = lock.error().code;
    return false;
  };
  MustBackUp(options);
  EXPECT_EQ(purge, ErrorCode::kConflict);
  EXPECT_TRUE(store::BackupLock::RemoveBlobs(data())) << "and lets it again";
}

TEST_F(Backup, LeavesNothingWhenItIsStoppedAnywhere) {
  int looks = 0;
  BackupOptions options = Options();
  options.watch = [&](const BackupProgress&) {
    ++looks;
    return false;
  };
  MustBackUp(options);
  fs::remove_all(destination());
  for (int last = 1, all = looks; last <= all; ++last) {
    looks = 0;
    options.watch = [&](const BackupProgress&) { return ++looks == last; };
    if (const auto made = MakeBackup(options, clock_); made) {
      fs::remove_all(destination());  // asked for the last time when there was nothing left to stop
    } else {
      EXPECT_FALSE(fs::exists(destination())) << "stopped at look " << last << " of " << all;
    }
  }
}

TEST_F(Backup, RemovesWhatAKilledOneLeft) {
  fs::create_directories(destination() / ".unfinished-abc" / "blobs");
  fs::create_directories(destination() / "somebody-elses");
  const BackupReport made = MustBackUp();
  EXPECT_FALSE(fs::exists(destination() / ".unfinished-abc"));
  EXPECT_TRUE(fs::exists(destination() / "somebody-elses"));
}

TEST_F(Backup, KeepsAsManyAsItIsToldAndNeverRemovesWhatIsNotItsOwn) {
  const BackupReport oldest = MustBackUp();
  const BackupReport foreign = MustBackUp();
  Manifest other = foreign.manifest;
  other.store.epoch = std::string(32, '0');
  WriteText(foreign.folder / "manifest.json", ToJson(other));
  fs::create_directories(destination() / "2001-01-01T00-00-00.000Z");
  MustBackUp();
  BackupOptions options = Options();
  options.keep = 2;
  const BackupReport newest = MustBackUp(options);
  EXPECT_EQ(newest.removed, std::vector{oldest.folder});
  EXPECT_TRUE(fs::exists(foreign.folder)) << "another store's";
  EXPECT_TRUE(fs::exists(destination() / "2001-01-01T00-00-00.000Z")) << "it has no manifest of ours";
  EXPECT_EQ(ListBackups(destination())->size(), 3u);
  EXPECT_EQ(*NewestBackup(destination(), std::string(32, '0'), clock_.Wall()), foreign.manifest.made_at);
}

TEST_F(Backup, LeavesThoseFromTheFutureAndNeverRemovesTheOneJustMade) {
  const BackupReport old = MustBackUp();
  const fs::path by_name = destination() / "2999-01-01T00-00-00.000Z";
  fs::copy(old.folder, by_name, fs::copy_options::recursive);
  const BackupReport by_manifest = MustBackUp();
  Manifest changed = by_manifest.manifest;
  changed.made_at += std::chrono::hours{24};
  WriteText(by_manifest.folder / "manifest.json", ToJson(changed));
  BackupOptions options = Options();
  options.keep = 1;
  const BackupReport made = MustBackUp(options);
  EXPECT_TRUE(fs::exists(made.folder));
  EXPECT_EQ(made.removed, std::vector{old.folder});
  EXPECT_EQ(made.from_the_future, (std::vector{by_name, by_manifest.folder}));
  EXPECT_TRUE(fs::exists(by_name));
  EXPECT_EQ(*NewestBackup(destination(), database_->epoch(), clock_.Wall()), made.manifest.made_at);
}

TEST_F(Backup, GivesUpWhileItWaitsForAPurge) {
  const auto purge = store::BackupLock::RemoveBlobs(data());
  ASSERT_TRUE(purge);
  int asked = 0;
  BackupOptions options = Options();
  options.watch = [&](const BackupProgress&) { return ++asked == 3; };
  EXPECT_FALSE(MakeBackup(options, clock_));
  EXPECT_EQ(asked, 3);
}

TEST_F(Backup, LeavesKeysOutUnlessTheyAreAskedForAndThenSealed) {
  PutKeys();
  const std::string keys = ReadText(data() / "keys" / "signing.json");
  const BackupReport without = MustBackUp();
  EXPECT_FALSE(without.manifest.keys);
  EXPECT_FALSE(fs::exists(without.folder / "keys.sealed"));
  BackupOptions options = Options();
  options.passphrase = "correct horse";
  const BackupReport with = MustBackUp(options);
  for (const fs::path& folder : {without.folder, with.folder}) {
    for (const std::string& name : Below(folder)) {
      if (fs::is_regular_file(folder / name)) {
        EXPECT_EQ(ReadText(folder / name).find(kSecret), std::string::npos) << name;
      }
    }
  }
  EXPECT_EQ(*UnsealKeys(ReadText(with.folder / "keys.sealed"), "correct horse"), keys);
  EXPECT_FALSE(UnsealKeys(ReadText(with.folder / "keys.sealed"), "wrong horse"));
}

TEST_F(Backup, NotesHowItEnded) {
  EXPECT_FALSE(*ReadLastBackup(data()));
  const BackupReport made = MustBackUp();
  auto last = *ReadLastBackup(data());
  ASSERT_TRUE(last);
  EXPECT_TRUE(last->ok);
  EXPECT_EQ(last->bytes, made.manifest.SizeBytes());
  const base::WallTime good = last->at;
  BackupOptions options = Options();
  options.watch = [](const BackupProgress&) { return true; };
  EXPECT_FALSE(MakeBackup(options, clock_));
  last = *ReadLastBackup(data());
  EXPECT_FALSE(last->ok);
  EXPECT_EQ(last->reason, "Stopped before the end");
  EXPECT_EQ(last->last_good, good);
}

}  // namespace
}  // namespace portal::service::testing
