#include <SQLiteCpp/SQLiteCpp.h>

#include <map>
#include <random>

#include "unit/store/store_fixture.h"

namespace portal::store::testing {
namespace {

class Deletes : public StoreTest {
 protected:
  model::ContactQuery ContactsWith(std::string words) {
    model::ContactQuery query;
    query.search = std::move(words);
    return query;
  }
  model::JobQuery JobsWith(std::string words) {
    model::JobQuery query;
    query.search = std::move(words);
    return query;
  }
  std::int64_t Revision(const base::TenantId& tenant) { return reader().tenants.Revision(tenant).value(); }
  /// Of the store as it lies on the disk: nobody else has it open then.
  std::int64_t Ask(const std::string& sql) {
    database_.reset();
    std::int64_t answer = 0;
    {
      SQLite::Database db((folder_.path() / "portal.db").string(), SQLite::OPEN_READWRITE);
      answer = db.execAndGet(sql).getInt64();
    }
    Reopen();
    return answer;
  }
  void Delete(const base::ContactId& id) {
    Write([&](WriteTransaction& t) { return t.DeleteContact(acme_, id); });
  }
  model::Contact Described(std::int64_t number) {
    model::Contact contact = MakeContact(number, "Ada Lovelace");
    contact.company = "Analytical Engines";
    contact.email = "ada@example.com";
    return contact;
  }
};

TEST_F(Deletes, OfAContactTakeItFromPagesTotalsAndSearch) {
  PutContacts(acme_, {Described(1), MakeContact(2, "Bob")});
  PutContacts(globex_, {Described(1)});
  Delete(ContactIdOf(1));
  EXPECT_EQ(ListContacts(acme_, {}).ids, std::vector<std::string>{ContactUuid(2)});
  EXPECT_EQ(ListContacts(acme_, {}).info.total, 1);
  for (const char* words : {"ada", "lovel", "analytical", "example", "ada@example.com"}) {
    const Page page = ListContacts(acme_, ContactsWith(words));
    EXPECT_TRUE(page.ids.empty()) << words;
    EXPECT_EQ(page.info.total, 0) << words;
    EXPECT_EQ(ListContacts(globex_, ContactsWith(words)).ids.size(), 1u) << words << " of another tenant";
  }
  model::ContactQuery by_email;
  by_email.email = "ada@example.com";
  EXPECT_TRUE(ListContacts(acme_, by_email).ids.empty());
}

TEST_F(Deletes, OfAContactLeaveItsJobsWithoutOneAndUpdated) {
  PutContacts(acme_, {MakeContact(1, "Ada"), MakeContact(2, "Bob")});
  model::Job hers = MakeJob(1, "Roof");
  hers.contact_id = ContactIdOf(1);
  model::Job his = MakeJob(2, "Wall");
  his.contact_id = ContactIdOf(2);
  PutJobs(acme_, {hers, his});
  const base::WallTime before = clock_.Wall();
  Delete(ContactIdOf(1));
  Write([&](WriteTransaction& t) -> base::Status {
    const auto left = t.FindJob(acme_, JobIdOf(1)).value();
    EXPECT_FALSE(left->contact_id);
    EXPECT_GE(left->updated_at, before);
    EXPECT_EQ(t.FindJob(acme_, JobIdOf(2)).value(), his);
    return {};
  });
  model::JobQuery of_contact;
  of_contact.contact_id = ContactIdOf(1);
  EXPECT_TRUE(ListJobs(acme_, of_contact).ids.empty());
}

TEST_F(Deletes, OfAJobTakeItsFilesAlong) {
  PutJobs(acme_, {MakeJob(1, "Roof"), MakeJob(2, "Wall")});
  PutFiles(acme_, {MakeFile(1, 1, "a"), MakeFile(1, 2, "b"), MakeFile(2, 3, "c")});
  Write([&](WriteTransaction& t) { return t.DeleteJob(acme_, JobIdOf(1)); });
  EXPECT_EQ(ListJobs(acme_, {}).info.total, 1);
  EXPECT_TRUE(ListJobs(acme_, JobsWith("roof")).ids.empty());
  EXPECT_EQ(ListFiles(acme_, JobIdOf(2), {}).info.total, 1);
  Write([&](WriteTransaction& t) -> base::Status {
    EXPECT_EQ(t.FindJob(acme_, JobIdOf(1)).value(), std::nullopt);
    EXPECT_EQ(t.FindFile(acme_, JobIdOf(1), FileIdOf(1)).value(), std::nullopt);
    return {};
  });
  EXPECT_EQ(Ask("SELECT count(*) FROM files"), 1);
}

TEST_F(Deletes, OfAFileCountItOutOfItsJob) {
  PutJobs(acme_, {MakeJob(1, "Roof")});
  PutFiles(acme_, {MakeFile(1, 1, "a"), MakeFile(1, 2, "b")});
  Write([&](WriteTransaction& t) { return t.DeleteFile(acme_, JobIdOf(1), FileIdOf(1)); });
  const Page page = ListFiles(acme_, JobIdOf(1), {});
  EXPECT_EQ(page.ids, std::vector<std::string>{"b"});
  EXPECT_EQ(page.info.total, 1);
}

TEST_F(Deletes, MoveTheRevisionOfTheirTenantOnly) {
  PutContacts(acme_, {MakeContact(1, "Ada")});
  PutJobs(acme_, {MakeJob(1, "Roof"), MakeJob(2, "Wall")});
  PutFiles(acme_, {MakeFile(1, 1, "a")});
  const std::int64_t globex = Revision(globex_);
  const std::function<base::Status(WriteTransaction&)> deletes[] = {
      [&](WriteTransaction& t) { return t.DeleteContact(acme_, ContactIdOf(1)); },
      [&](WriteTransaction& t) { return t.DeleteFile(acme_, JobIdOf(1), FileIdOf(1)); },
      [&](WriteTransaction& t) { return t.DeleteJob(acme_, JobIdOf(2)); }};
  for (const auto& remove : deletes) {
    const std::int64_t before = Revision(acme_);
    Write(remove);
    EXPECT_EQ(Revision(acme_), before + 1);
  }
  EXPECT_EQ(Revision(globex_), globex);
}

TEST_F(Deletes, OfWhatIsNotThereAreNotFoundAndChangeNothing) {
  PutContacts(globex_, {MakeContact(1, "Ada")});
  PutJobs(globex_, {MakeJob(1, "Roof")});
  PutFiles(globex_, {MakeFile(1, 1, "a")});
  const std::int64_t acme = Revision(acme_);
  const std::int64_t globex = Revision(globex_);
  Write([&](WriteTransaction& t) -> base::Status {
    const struct {
      base::Status status;
      const char* detail;
    } cases[] = {{t.DeleteContact(acme_, ContactIdOf(1)), "Contact not found"},
                 {t.DeleteContact(acme_, base::ContactId("no uuid")), "Contact not found"},
                 {t.DeleteJob(acme_, JobIdOf(1)), "Job not found"},
                 {t.DeleteFile(acme_, JobIdOf(1), FileIdOf(1)), "File not found"},
                 {t.DeleteFile(globex_, JobIdOf(1), FileIdOf(2)), "File not found"}};
    for (const auto& row : cases) {
      EXPECT_FALSE(row.status) << row.detail;
      EXPECT_EQ(row.status.error().code, base::ErrorCode::kNotFound);
      EXPECT_EQ(row.status.error().detail, row.detail);
    }
    return {};
  });
  EXPECT_EQ(Revision(acme_), acme);
  EXPECT_EQ(Revision(globex_), globex);
}

TEST_F(Deletes, AndNewRowsUnderTheSameIdAreFoundByTheirNewWordsOnly) {
  for (int round = 0; round < 3; ++round) {
    PutContacts(acme_, {Described(1)});
    PutJobs(acme_, {MakeJob(1, "Roof repair")});
    Write([&](WriteTransaction& t) -> base::Status {
      EXPECT_TRUE(t.DeleteContact(acme_, ContactIdOf(1)));
      EXPECT_TRUE(t.DeleteJob(acme_, JobIdOf(1)));
      EXPECT_EQ(t.UpsertContact(acme_, MakeContact(1, "Grace")), UpsertOutcome::kInserted);
      EXPECT_EQ(t.UpsertJob(acme_, MakeJob(1, "Garden")), UpsertOutcome::kInserted);
      return {};
    });
    EXPECT_EQ(ListContacts(acme_, ContactsWith("grace")).info.total, 1);
    EXPECT_EQ(ListJobs(acme_, JobsWith("garden")).info.total, 1);
    for (const char* words : {"ada", "analytical", "example"}) {
      EXPECT_EQ(ListContacts(acme_, ContactsWith(words)).info.total, 0) << words;
    }
    EXPECT_EQ(ListJobs(acme_, JobsWith("roof")).info.total, 0);
    Write([&](WriteTransaction& t) -> base::Status {
      EXPECT_TRUE(t.DeleteContact(acme_, ContactIdOf(1)));
      return t.DeleteJob(acme_, JobIdOf(1));
    });
  }
}

TEST_F(Deletes, KeepSearchAndCountersTrueThroughManyRounds) {
  const char* const names[] = {"Ada", "Bob", "Cleo", "Dora"};
  std::mt19937 random(7);
  std::map<std::int64_t, std::string> contacts;
  for (int round = 0; round < 40; ++round) {
    Write([&](WriteTransaction& t) -> base::Status {
      for (int i = 0; i < 40; ++i) {
        const auto number = static_cast<std::int64_t>(random() % 60);
        if (random() % 3 == 0) {
          EXPECT_EQ(t.DeleteContact(acme_, ContactIdOf(number)).has_value(), contacts.erase(number) == 1);
        } else {
          contacts[number] = names[random() % 4];
          EXPECT_TRUE(t.UpsertContact(acme_, MakeContact(number, contacts[number])));
        }
      }
      return {};
    });
    for (const char* name : names) {
      std::int64_t expected = 0;
      for (const auto& [number, its_name] : contacts) expected += its_name == name;
      const Page found = ListContacts(acme_, ContactsWith(name));
      ASSERT_EQ(found.info.total, expected) << name << " in round " << round;
      ASSERT_EQ(static_cast<std::int64_t>(found.ids.size()), std::min<std::int64_t>(expected, 50));
    }
    ASSERT_EQ(ListContacts(acme_, {}).info.total, static_cast<std::int64_t>(contacts.size()));
  }
  EXPECT_EQ(Ask("SELECT (SELECT contacts_total FROM tenants WHERE slug = 'acme') - (SELECT count(*) FROM contacts)"),
            0);
  // A posting of a row that is gone would come up here: the search table keeps no other trace of a row.
  EXPECT_EQ(Ask("SELECT count(*) FROM (SELECT rowid FROM contacts_search WHERE contacts_search MATCH 't' || "
                "(SELECT tenant_id FROM tenants WHERE slug = 'acme') || 'z*' EXCEPT SELECT row_id FROM contacts)"),
            0);
}

}  // namespace
}  // namespace portal::store::testing
