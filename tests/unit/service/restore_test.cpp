#include "service/backup/restore.h"

#include "crypto/hash.h"
#include "unit/service/backup_fixture.h"

namespace portal::service::testing {
namespace {

using base::ErrorCode;

class Restoring : public BackupTest {
 protected:
  /// Changes the backup's database and makes its manifest fit again, as damage before the backup would.
  void ChangeDatabase(const fs::path& backup, const std::string& sql) {
    {
      SQLite::Database db((backup / "portal.db").string(), SQLite::OPEN_READWRITE);
      db.exec(sql);
    }
    Readdress(backup);
  }
  void Readdress(const fs::path& backup) {
    Manifest manifest = *ReadManifest(backup);
    const std::string bytes = ReadText(backup / "portal.db");
    manifest.database = {crypto::Sha256(bytes), static_cast<std::int64_t>(bytes.size())};
    WriteText(backup / "manifest.json", ToJson(manifest));
  }
};

TEST_F(Restoring, GivesTheStoreBackUnderANewEpoch) {
  const BackupReport made = MustBackUp();
  const auto restored = Restore(From(made.folder));
  ASSERT_TRUE(restored) << restored.error().detail << restored.error().internal;
  EXPECT_FALSE(restored->keys_restored);
  EXPECT_EQ(ReadText(BlobFile(target(), second_)), "the photo's bytes");
  const auto store = OpenStore(target());
  ASSERT_TRUE(store);
  EXPECT_NE(store->epoch(), database_->epoch());
  const auto tenant = store->reader({0}).tenants.FindBySlug("acme");
  ASSERT_TRUE(tenant);
  EXPECT_EQ(tenant->contacts, 2);
  std::vector<std::string> names;
  model::ContactQuery query;
  query.search = "love";
  ASSERT_TRUE(store->reader({0}).contacts.List(tenant->id, query,
                                               [&](const model::ContactView& row) { names.emplace_back(row.name); }));
  EXPECT_EQ(names, std::vector<std::string>{"Ada Lovelace"});
}

TEST_F(Restoring, NeverTouchesAFolderThatHoldsSomething) {
  const BackupReport made = MustBackUp();
  for (const fs::path& taken : {data(), elsewhere_.path()}) {
    RestoreOptions options = From(made.folder);
    options.target = taken;
    const auto before = Below(taken);
    const auto refused = Restore(options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
    EXPECT_EQ(Below(taken), before);
  }
  fs::create_directories(target());
  RestoreOptions options = From(made.folder);
  options.target = target() / "";  // as a shell completes it
  const auto restored = Restore(options);
  EXPECT_TRUE(restored) << restored.error().detail;
}

TEST_F(Restoring, VerifiesWithoutWritingInADryRun) {
  const BackupReport made = MustBackUp();
  RestoreOptions options = From(made.folder);
  options.dry_run = true;
  const auto before = Below(elsewhere_.path());
  EXPECT_TRUE(Restore(options));
  EXPECT_EQ(Below(elsewhere_.path()), before);
  WriteText(BlobFile(made.folder, first_), "the plan's BYTES");
  EXPECT_FALSE(Restore(options));
}

TEST_F(Restoring, RefusesWhateverIsDamagedAndLeavesNothing) {
  const struct {
    const char* what;
    std::function<void(const fs::path& backup)> damage;
    const char* said;
  } rows[] = {
      {"no manifest", [](const fs::path& b) { fs::remove(b / "manifest.json"); }, "not a backup"},
      {"half a manifest", [](const fs::path& b) { fs::resize_file(b / "manifest.json", 200); }, "manifest.json"},
      {"a manifest of a later format",
       [](const fs::path& b) {
         std::string text = ReadText(b / "manifest.json");
         text.replace(text.find("\"format\": 1"), 11, "\"format\": 2");
         WriteText(b / "manifest.json", text);
       },
       "format 2"},
      {"a later schema in the manifest",
       [](const fs::path& b) {
         Manifest manifest = *ReadManifest(b);
         manifest.store.schema_version = 99;
         WriteText(b / "manifest.json", ToJson(manifest));
       },
       "schema version 99, this program knows 3"},
      {"a later schema in the database", [this](const fs::path& b) { ChangeDatabase(b, "PRAGMA user_version = 99"); },
       "schema version 99"},
      {"another count",
       [](const fs::path& b) {
         Manifest manifest = *ReadManifest(b);
         ++manifest.store.tenants[0].contacts;
         WriteText(b / "manifest.json", ToJson(manifest));
       },
       "counts other rows"},
      {"a file that is left out",
       [](const fs::path& b) {
         Manifest manifest = *ReadManifest(b);
         manifest.store.blobs.erase(manifest.store.blobs.begin());
         WriteText(b / "manifest.json", ToJson(manifest));
       },
       "other files"},
      {"no database", [](const fs::path& b) { fs::remove(b / "portal.db"); }, "portal.db is missing"},
      {"half a database", [](const fs::path& b) { fs::resize_file(b / "portal.db", 8192); },
       "portal.db is not the file"},
      {"half a database that the manifest describes",
       [this](const fs::path& b) {
         fs::resize_file(b / "portal.db", 8192);
         Readdress(b);
       },
       "damaged"},
      {"another program's database", [this](const fs::path& b) { ChangeDatabase(b, "PRAGMA application_id = 1"); },
       "another program"},
      {"a table too many", [this](const fs::path& b) { ChangeDatabase(b, "CREATE TABLE x (a)"); }, "table x"},
      {"an index too few", [this](const fs::path& b) { ChangeDatabase(b, "DROP INDEX contacts_by_name"); },
       "contacts_by_name is missing"},
      {"a trigger",
       [this](const fs::path& b) {
         ChangeDatabase(b, "CREATE TRIGGER t AFTER INSERT ON contacts BEGIN SELECT 1; END");
       },
       "trigger t"},
      {"a broken reference",
       [this](const fs::path& b) {
         ChangeDatabase(b, "PRAGMA foreign_keys = OFF; UPDATE files SET job_id = 'job_none' WHERE name = 'plan.pdf'");
       },
       "names one of jobs"},
      {"a lost file", [this](const fs::path& b) { fs::remove(BlobFile(b, first_)); }, "is missing"},
      {"a file of other bytes",
       [this](const fs::path& b) {
         fs::remove(BlobFile(b, first_));  // it is a link to the live one
         WriteText(BlobFile(b, first_), "the plan's bytez");
       },
       "has other bytes"},
  };
  for (const auto& row : rows) {
    fs::remove_all(destination());
    const BackupReport made = MustBackUp();
    row.damage(made.folder);
    const auto before = Below(elsewhere_.path());
    const auto refused = Restore(From(made.folder));
    ASSERT_FALSE(refused) << row.what;
    EXPECT_NE(refused.error().detail.find(row.said), std::string::npos) << row.what << ": " << refused.error().detail;
    EXPECT_EQ(Below(elsewhere_.path()), before) << row.what;
    RestoreOptions dry = From(made.folder);
    dry.dry_run = true;
    EXPECT_FALSE(Restore(dry)) << row.what;
  }
}

TEST_F(Restoring, BringsKeysBackWithTheirPassphraseOnly) {
  PutKeys();
  BackupOptions options = Options();
  options.passphrase = "correct horse";
  const BackupReport made = MustBackUp(options);
  RestoreOptions from = From(made.folder);
  from.passphrase = "wrong horse";
  const auto refused = Restore(from);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kValidation);
  EXPECT_FALSE(fs::exists(target()));
  from.passphrase = "correct horse";
  const auto restored = Restore(from);
  ASSERT_TRUE(restored) << restored.error().detail;
  EXPECT_TRUE(restored->keys_restored);
  EXPECT_EQ(ReadText(target() / "keys" / "signing.json"), ReadText(data() / "keys" / "signing.json"));
  EXPECT_EQ(fs::status(target() / "keys" / "signing.json").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(Restoring, KeepsDemoDataOnLoopback) {
  WriteText(data() / kDemoMarker, "demo");
  ASSERT_TRUE(Restore(From(MustBackUp().folder)));
  EXPECT_TRUE(fs::exists(target() / kDemoMarker));
}

TEST_F(Restoring, TakesTheNewestOfMany) {
  MustBackUp();
  const BackupReport newest = MustBackUp();
  EXPECT_EQ(*LatestBackup(destination(), clock_.Wall()), newest.folder);
  EXPECT_EQ(LatestBackup(elsewhere_.path() / "nowhere", clock_.Wall()).error().code, ErrorCode::kNotFound);
}

TEST_F(Restoring, TakesNoneFromTheFutureForTheNewest) {
  const BackupReport present = MustBackUp();
  const fs::path future = destination() / "2999-01-01T00-00-00.000Z";
  fs::copy(present.folder, future, fs::copy_options::recursive);
  EXPECT_EQ(*LatestBackup(destination(), clock_.Wall()), present.folder);
  fs::remove_all(present.folder);
  const auto none = LatestBackup(destination(), clock_.Wall());
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().detail.find(future.string()), std::string::npos) << none.error().detail;
}

/// A store of the first release, from the text that is kept of it.
TEST_F(Restoring, UpgradesABackupOfAnOlderSchema) {
  const portal::testing::TempFolder old;
  {
    SQLite::Database db((old.path() / "portal.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec(ReadText(PORTAL_FIXTURES "/schema/0001.sql"));
  }
  fs::create_directories(old.path() / "blobs");
  BackupOptions options = Options();
  options.data_folder = old.path();
  const BackupReport made = MustBackUp(options);
  EXPECT_EQ(made.manifest.store.schema_version, 1);
  EXPECT_EQ(made.manifest.store.tenants.size(), 3u);
  EXPECT_FALSE(made.manifest.missing_blobs.empty()) << "the fixture has rows alone";
  const auto restored = Restore(From(made.folder));
  ASSERT_TRUE(restored) << restored.error().detail << restored.error().internal;
  EXPECT_FALSE(fs::exists(target() / "portal.db.before-0002"));
  const auto store = OpenStore(target());
  ASSERT_TRUE(store);
  EXPECT_EQ(store->reader({0}).tenants.FindBySlug("acme")->contacts, 60);
}

TEST_F(Restoring, StartsAnewWhereAnotherWasKilled) {
  const BackupReport made = MustBackUp();
  fs::create_directories(elsewhere_.path() / "restored.restoring-abc" / "blobs");
  ASSERT_TRUE(Restore(From(made.folder)));
  EXPECT_FALSE(fs::exists(elsewhere_.path() / "restored.restoring-abc"));
}

}  // namespace
}  // namespace portal::service::testing
