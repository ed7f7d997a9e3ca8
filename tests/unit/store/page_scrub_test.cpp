#include <SQLiteCpp/SQLiteCpp.h>

#include <fstream>
#include <random>

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
  ScrubStep ScrubAll() {
    ScrubStep all;
    all.next = 1;
    while (all.next != 0) {
      const auto step = database_->ScrubPages(all.next, 7);
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
    EXPECT_EQ(ScrubAll().bytes_overwritten, 0) << "a second one finds nothing, round " << round;
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
  {
    const auto snapshot = reader().Begin(false);
    ASSERT_TRUE(reader().tenants.Revision(acme_));
    PutContacts(acme_, {MakeContact(2, "Bob")});
    const auto step = database_->ScrubPages(1, 100);
    ASSERT_TRUE(step);
    EXPECT_TRUE(step->blocked);
    EXPECT_EQ(step->next, 1u);
  }
  EXPECT_FALSE(database_->ScrubPages(1, 100)->blocked);
}

}  // namespace
}  // namespace portal::store::testing
