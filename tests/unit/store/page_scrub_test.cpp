#include <SQLiteCpp/SQLiteCpp.h>

#include <fstream>
#include <random>

#include "store/notes.h"
#include "unit/store/store_fixture.h"

namespace portal::store::testing {
namespace {

class PageScrubs : public StoreTest {
 protected:
  std::string DatabaseBytes() {
    database_.reset();
    std::ifstream file(folder_.path() / "portal.db", std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    Reopen();
    return bytes;
  }
  void BeginScrub() {
    Write([](WriteTransaction& t) { return t.KeepNote(kPagesScrubbed, "1"); });
  }
  ScrubStep ScrubAll() {
    BeginScrub();
    ScrubStep all;
    all.next = 1;
    while (all.next != 0) {
      const auto step = database_->ScrubPages(7);
      EXPECT_TRUE(step) << step.error().internal;
      if (!step || step->blocked) {
        ADD_FAILURE() << "nobody reads";
        break;
      }
      all.next = step->next;
      all.bytes_overwritten += step->bytes_overwritten;
    }
    return all;
  }
  /// A table of the rows as they are, with `name` and `address` for their sizes.
  std::string Contents() {
    database_.reset();
    std::string contents;
    {
      SQLite::Database db((folder_.path() / "portal.db").string(), SQLite::OPEN_READWRITE);
      EXPECT_EQ(db.execAndGet("PRAGMA integrity_check").getString(), "ok");
      EXPECT_EQ(db.execAndGet("SELECT count(*) FROM pragma_foreign_key_check").getInt(), 0);
      SQLite::Statement rows(db, "SELECT row_id, hex(id), name, ifnull(address, '-') FROM contacts ORDER BY row_id");
      while (rows.executeStep()) {
        for (int column = 0; column < 4; ++column) contents += rows.getColumn(column).getString() + '|';
      }
      db.exec("INSERT INTO contacts_search (contacts_search) VALUES ('integrity-check')");
    }
    Reopen();
    return contents;
  }
};

TEST_F(PageScrubs, ChangeNoRowWhateverThePagesWentThrough) {
  std::mt19937 random(11);
  for (int round = 0; round < 12; ++round) {
    Write([&](WriteTransaction& t) -> base::Status {
      for (int i = 0; i < 150; ++i) {
        const auto number = static_cast<std::int64_t>(random() % 700);
        if (random() % 3 == 0) {
          static_cast<void>(t.DeleteContact(acme_, ContactIdOf(number)));
          continue;
        }
        model::Contact contact =
            MakeContact(number, "n" + std::to_string(random()), static_cast<std::int64_t>(random()));
        // From nothing to a row that goes on in overflow pages.
        if (random() % 2) contact.address = std::string(random() % (random() % 10 ? 200 : 20'000), 'a');
        if (auto done = t.UpsertContact(acme_, contact); !done) return base::Fail(done.error());
      }
      return {};
    });
    const std::string before = Contents();
    ScrubAll();
    EXPECT_LE(ScrubAll().bytes_overwritten, 4096) << "a second one finds its own notes' page at most, round " << round;
    ASSERT_EQ(Contents(), before) << "round " << round;
  }
}

TEST_F(PageScrubs, OverwriteFreePagesFromBeforeDeletionsWereOverwritten) {
  database_.reset();
  {
    SQLite::Database db((folder_.path() / "portal.db").string(), SQLite::OPEN_READWRITE);
    db.exec(
        "PRAGMA secure_delete = OFF; CREATE TABLE old (x); INSERT INTO old WITH RECURSIVE n (i) AS (SELECT 1 UNION "
        "ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT 'plaintext of long ago ' || i FROM n; DROP TABLE old");
    EXPECT_GT(db.execAndGet("PRAGMA freelist_count").getInt(), 20);
  }
  Reopen();
  ASSERT_NE(DatabaseBytes().find("plaintext of long ago"), std::string::npos);
  PutContacts(acme_, {MakeContact(1, "Ada")});
  EXPECT_GT(ScrubAll().bytes_overwritten, 50'000);
  EXPECT_EQ(DatabaseBytes().find("plaintext of long ago"), std::string::npos);
  PutContacts(acme_, {MakeContact(2, "Bob")});
  Contents();
}

TEST_F(PageScrubs, WaitForReadersThatNeedTheLog) {
  PutContacts(acme_, {MakeContact(1, "Ada")});
  BeginScrub();
  {
    const auto snapshot = reader().Begin(false);
    ASSERT_TRUE(reader().tenants.Revision(acme_));
    PutContacts(acme_, {MakeContact(2, "Bob")});
    const auto step = database_->ScrubPages(100);
    ASSERT_TRUE(step);
    EXPECT_TRUE(step->blocked);
    EXPECT_EQ(step->next, 1u);
  }
  EXPECT_FALSE(database_->ScrubPages(100)->blocked);
}

TEST_F(PageScrubs, GoOnFromTheNoteWhoeverAsks) {
  PutContacts(acme_, {MakeContact(1, "Ada")});
  EXPECT_EQ(database_->ScrubPages(3)->next, 0u) << "nothing is noted";
  BeginScrub();
  EXPECT_EQ(database_->ScrubPages(3)->next, 4u);
  EXPECT_EQ(database_->ScrubPages(3)->next, 7u);
  BeginScrub();
  EXPECT_EQ(database_->ScrubPages(3)->next, 4u) << "what was removed meanwhile may have left traces in any page";
  EXPECT_FALSE(database_->EmptyLog().value()) << "not before the last page";
  while (database_->ScrubPages(3)->next != 0) continue;
  EXPECT_TRUE(database_->EmptyLog().value());
  EXPECT_FALSE(database_->EmptyLog().value()) << "once";
}

/// Overwrites four bytes of the database's file with a number.
void PutNumber(const std::filesystem::path& file, std::streamoff offset, std::uint32_t number) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(offset);
  for (int shift = 24; shift >= 0; shift -= 8) stream.put(static_cast<char>(number >> shift));
}

TEST_F(PageScrubs, WriteNothingWhereTheListOfFreePagesIsDamaged) {
  database_.reset();
  const std::filesystem::path file = folder_.path() / "portal.db";
  std::int64_t trunk = 0;
  std::uint32_t leaf = 0;
  {
    SQLite::Database db(file.string(), SQLite::OPEN_READWRITE);
    db.exec(
        "CREATE TABLE old (x); INSERT INTO old WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 3000) SELECT 'plaintext of long ago ' || i FROM n; PRAGMA secure_delete = OFF; DROP TABLE old; "
        "INSERT OR REPLACE INTO meta VALUES ('pages_scrubbed_to', '1'); PRAGMA wal_checkpoint(TRUNCATE)");
  }
  std::string before;
  {
    std::ifstream stream(file, std::ios::binary);
    before.assign(std::istreambuf_iterator<char>(stream), {});
    const auto number = [&](std::size_t at) {
      std::uint32_t value = 0;
      for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(before[at + i]);
      return value;
    };
    trunk = (std::int64_t{number(32)} - 1) * 4096;
    ASSERT_GE(number(static_cast<std::size_t>(trunk) + 4), 2u);
    leaf = number(static_cast<std::size_t>(trunk) + 8);
  }
  for (const std::uint32_t wrong : {0u, 1u, 1'000'000u, leaf}) {
    PutNumber(file, trunk + 12, wrong);  // the second of those that the first free page lists
    Reopen();
    const auto step = database_->ScrubPages(10'000);
    ASSERT_FALSE(step) << wrong;
    EXPECT_EQ(step.error().detail, "The database is damaged; restore a backup");
    database_.reset();
    std::ifstream stream(file, std::ios::binary);
    const std::string after{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_NE(after.find("plaintext of long ago"), std::string::npos) << wrong;
  }
  std::ofstream(file, std::ios::binary) << before;
  Reopen();
}

}  // namespace
}  // namespace portal::store::testing
