#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/resource.h>

#include <csignal>
#include <random>

#include "unit/store/store_fixture.h"

namespace portal::store::testing {
namespace {

class Writes : public StoreTest {
 protected:
  UpsertOutcome Put(const model::Contact& contact, GivenTimes given = {}) {
    UpsertOutcome outcome{};
    Write([&](WriteTransaction& t) -> base::Status {
      outcome = t.UpsertContact(acme_, contact, given).value();
      return {};
    });
    return outcome;
  }
  UpsertOutcome Put(const model::Job& job, GivenTimes given = {}) {
    UpsertOutcome outcome{};
    Write([&](WriteTransaction& t) -> base::Status {
      outcome = t.UpsertJob(acme_, job, given).value();
      return {};
    });
    return outcome;
  }
  std::int64_t Revision(const base::TenantId& tenant) { return reader().tenants.Revision(tenant).value(); }
  model::Contact Stored(std::int64_t number) {
    model::Contact contact;
    const auto found = reader().contacts.Find(acme_, ContactUuid(number), [&](const model::ContactView& row) {
      contact.name = row.name;
      contact.created_at = row.created_at;
      contact.updated_at = row.updated_at;
    });
    EXPECT_TRUE(found);
    return contact;
  }
};

TEST_F(Writes, ThatChangeNothingLeaveTheRevisionAlone) {
  const model::Contact contact = MakeContact(1, "Ada");
  EXPECT_EQ(Put(contact), UpsertOutcome::kInserted);
  const std::int64_t before = Revision(acme_);
  EXPECT_EQ(Put(contact), UpsertOutcome::kUnchanged);
  EXPECT_EQ(Revision(acme_), before);
  EXPECT_EQ(Put(MakeContact(1, "Ada King")), UpsertOutcome::kUpdated);
  EXPECT_EQ(Revision(acme_), before + 1);
}

TEST_F(Writes, MoveTheRevisionOnceATransactionAndOfTheTouchedTenantOnly) {
  const std::int64_t acme = Revision(acme_);
  const std::int64_t globex = Revision(globex_);
  PutContacts(acme_, {MakeContact(1, "a"), MakeContact(2, "b"), MakeContact(3, "c")});
  EXPECT_EQ(Revision(acme_), acme + 1);
  EXPECT_EQ(Revision(globex_), globex);
}

TEST_F(Writes, SeeEveryFieldOfAContactThatChanged) {
  const model::Contact original = MakeContact(1, "Ada");
  Put(original);
  const std::vector<std::function<void(model::Contact&)>> changes = {
      [](model::Contact& c) { c.name = "ada"; },      [](model::Contact& c) { c.email = ""; },
      [](model::Contact& c) { c.phone = "1"; },       [](model::Contact& c) { c.company = "x"; },
      [](model::Contact& c) { c.address = "y"; },     [](model::Contact& c) { c.created_at = Ms(1); },
      [](model::Contact& c) { c.updated_at = Ms(2); }};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    model::Contact changed = original;
    changes[i](changed);
    EXPECT_EQ(Put(changed), UpsertOutcome::kUpdated) << i;
    EXPECT_EQ(Put(changed), UpsertOutcome::kUnchanged) << i;
    EXPECT_EQ(Put(original), UpsertOutcome::kUpdated) << i;
  }
}

TEST_F(Writes, SeeEveryFieldOfAJobThatChanged) {
  PutContacts(acme_, {MakeContact(1, "Ada"), MakeContact(2, "Bob")});
  const model::Job original = MakeJob(1, "Roof");
  Put(original);
  const std::vector<std::function<void(model::Job&)>> changes = {
      [](model::Job& j) { j.title = "roof"; },
      [](model::Job& j) { j.status = model::JobStatus::kOnHold; },
      [](model::Job& j) { j.contact_id = ContactIdOf(2); },
      [](model::Job& j) { j.address = "y"; },
      [](model::Job& j) { j.scheduled_at = Ms(0); },
      [](model::Job& j) { j.completed_at = Ms(0); },
      [](model::Job& j) { j.created_at = Ms(1); },
      [](model::Job& j) { j.updated_at = Ms(2); }};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    model::Job changed = original;
    changes[i](changed);
    EXPECT_EQ(Put(changed), UpsertOutcome::kUpdated) << i;
    EXPECT_EQ(Put(changed), UpsertOutcome::kUnchanged) << i;
    EXPECT_EQ(Put(original), UpsertOutcome::kUpdated) << i;
  }
}

TEST_F(Writes, KeepTimesThatTheFeedDidNotGive) {
  Put(MakeContact(1, "Ada", 100));
  model::Contact again = MakeContact(1, "Ada", 900);
  EXPECT_EQ(Put(again, {.created = false, .updated = false}), UpsertOutcome::kUnchanged);
  EXPECT_EQ(Stored(1).updated_at, Ms(100));
  again.name = "Ada King";
  EXPECT_EQ(Put(again, {.created = false, .updated = false}), UpsertOutcome::kUpdated);
  EXPECT_EQ(Stored(1).created_at, Ms(100));
  EXPECT_EQ(Stored(1).updated_at, Ms(900));

  Put(MakeJob(1, "Roof", 100));
  EXPECT_EQ(Put(MakeJob(1, "Roof", 900), {.created = false, .updated = false}), UpsertOutcome::kUnchanged);
  EXPECT_EQ(Put(MakeJob(1, "Roof", 900), {.created = false, .updated = true}), UpsertOutcome::kUpdated);
}

TEST_F(Writes, RefuseBadRowsByFieldAndValueAndGoOn) {
  PutContacts(globex_, {MakeContact(5, "Of another tenant")});
  Write([&](WriteTransaction& t) -> base::Status {
    model::Contact contact = MakeContact(1, "Ada");
    contact.id = base::ContactId("550E8400-e29b-41d4-a716-446655440000");
    model::Job bad_id = MakeJob(1, "Roof");
    bad_id.id = base::JobId("task_1");
    model::Job bad_contact = MakeJob(1, "Roof");
    bad_contact.contact_id = base::ContactId("nobody");
    model::Job no_contact = MakeJob(1, "Roof");
    no_contact.contact_id = ContactIdOf(5);
    const struct {
      base::Result<UpsertOutcome> outcome;
      std::string field;
      std::string value;
    } cases[] = {{t.UpsertContact(acme_, contact), "id", contact.id.value()},
                 {t.UpsertJob(acme_, bad_id), "id", "task_1"},
                 {t.UpsertJob(acme_, bad_contact), "contact_id", "nobody"},
                 {t.UpsertJob(acme_, no_contact), "contact_id", ContactUuid(5)}};
    for (const auto& row : cases) {
      EXPECT_FALSE(row.outcome) << row.field;
      EXPECT_EQ(row.outcome.error().code, base::ErrorCode::kValidation);
      EXPECT_TRUE(row.outcome.error().detail.starts_with(row.field + ":")) << row.outcome.error().detail;
      EXPECT_NE(row.outcome.error().detail.find(row.value), std::string::npos) << row.outcome.error().detail;
    }
    EXPECT_EQ(t.UpsertJob(acme_, MakeJob(2, "Good")), UpsertOutcome::kInserted);
    return {};
  });
  EXPECT_EQ(ListJobs(acme_, {}).ids, std::vector<std::string>{JobIdOf(2).value()});
}

TEST_F(Writes, AreUndoneTogetherWhenTheWorkFailsOrThrows) {
  const std::int64_t before = Revision(acme_);
  const base::Status failed = database_->writer().Write([&](WriteTransaction& t) -> base::Status {
    EXPECT_TRUE(t.UpsertContact(acme_, MakeContact(1, "Ada")));
    return base::Fail(base::ErrorCode::kValidation, "the second row is bad");
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().detail, "the second row is bad");
  EXPECT_THROW(static_cast<void>(database_->writer().Write([&](WriteTransaction& t) -> base::Status {
                 EXPECT_TRUE(t.UpsertContact(acme_, MakeContact(2, "Bob")));
                 throw std::logic_error("a bug");
               })),
               std::logic_error);
  EXPECT_EQ(ListContacts(acme_, {}).info.total, 0);
  EXPECT_EQ(Revision(acme_), before);
  PutContacts(acme_, {MakeContact(3, "Carl")});
  EXPECT_EQ(ListContacts(acme_, {}).info.total, 1) << "the next transaction does not count what was undone";
}

TEST_F(Writes, OfFilesReplaceByNameAndKeepTheId) {
  PutJobs(acme_, {MakeJob(1, "Roof")});
  PutFiles(acme_, {MakeFile(1, 1, "plan.pdf", 100)});
  model::File newer = MakeFile(1, 2, "plan.pdf", 200);
  newer.kind = model::FileKind::kDocument;
  Write([&](WriteTransaction& t) -> base::Status {
    EXPECT_EQ(t.PutFile(acme_, newer), UpsertOutcome::kUpdated);
    newer.created_at = Ms(300);
    EXPECT_EQ(t.PutFile(acme_, newer), UpsertOutcome::kUnchanged);
    EXPECT_EQ(t.PutFile(acme_, MakeFile(1, 3, "PLAN.pdf")), UpsertOutcome::kInserted) << "another name";
    const auto taken = t.PutFile(acme_, MakeFile(1, 1, "other.pdf"));
    EXPECT_EQ(taken.error().code, base::ErrorCode::kConflict);
    EXPECT_EQ(t.PutFile(acme_, MakeFile(9, 1, "plan.pdf")).error().code, base::ErrorCode::kNotFound);
    EXPECT_EQ(t.PutFile(globex_, MakeFile(1, 1, "plan.pdf")).error().code, base::ErrorCode::kNotFound);
    for (const char* name : {"", ".", "..", "a/b", "\xFF"}) {
      EXPECT_EQ(t.PutFile(acme_, MakeFile(1, 7, name)).error().code, base::ErrorCode::kValidation) << name;
    }
    return {};
  });
  EXPECT_EQ(ListFiles(acme_, JobIdOf(1), {}).info.total, 2);
  std::string id;
  const auto found = reader().files.FindByName(acme_, JobIdOf(1).value(), "plan.pdf", [&](const model::FileView& row) {
    id = row.id;
    EXPECT_EQ(row.size_bytes, 2);
    EXPECT_EQ(row.sha256[0], 2);
    EXPECT_EQ(row.created_at, Ms(200));
  });
  EXPECT_TRUE(found);
  EXPECT_EQ(id, FileIdOf(1).value());
}

TEST_F(Writes, KeepCountersEqualToRecounts) {
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    const bool commit = random() % 4 != 0;
    const auto done = database_->writer().Write([&](WriteTransaction& t) -> base::Status {
      for (int i = 0; i < 20; ++i) {
        const base::TenantId& tenant = random() % 3 ? acme_ : globex_;
        const auto number = static_cast<std::int64_t>(random() % 80);
        switch (random() % 3) {
          case 0:
            EXPECT_TRUE(t.UpsertContact(tenant, MakeContact(number, random() % 2 ? "Ada" : "Bob Smith")));
            break;
          case 1: {
            model::Job job = MakeJob(number % 10, random() % 2 ? "Roof" : "Wall");
            if (random() % 2) job.contact_id = ContactIdOf(static_cast<std::int64_t>(random() % 80));
            if (!t.UpsertJob(tenant, job) && !job.contact_id) ADD_FAILURE();
            break;
          }
          default:
            static_cast<void>(t.PutFile(tenant, MakeFile(number % 10, number, "f" + std::to_string(random() % 20))));
        }
      }
      if (!commit) return base::Fail(base::ErrorCode::kConflict, "changed my mind");
      return {};
    });
    EXPECT_EQ(done.has_value(), commit);
  }
  SQLite::Database db((folder_.path() / "portal.db").string(), SQLite::OPEN_READWRITE);
  EXPECT_EQ(
      db.execAndGet("SELECT count(*) FROM tenants AS t WHERE contacts_total <> (SELECT count(*) FROM contacts AS c "
                    "WHERE c.tenant_id = t.tenant_id) OR jobs_total <> (SELECT count(*) FROM jobs AS j WHERE "
                    "j.tenant_id = t.tenant_id)")
          .getInt(),
      0);
  EXPECT_EQ(db.execAndGet("SELECT count(*) FROM jobs AS j WHERE file_count <> (SELECT count(*) FROM files AS f WHERE "
                          "f.tenant_id = j.tenant_id AND f.job_id = j.id)")
                .getInt(),
            0);
  EXPECT_GT(db.execAndGet("SELECT count(*) FROM files").getInt(), 10);
  db.exec("INSERT INTO contacts_search (contacts_search) VALUES ('integrity-check')");
  for (const base::TenantId& tenant : {acme_, globex_}) {
    model::ContactQuery smiths;
    smiths.search = "smi";
    EXPECT_EQ(ListContacts(tenant, smiths).info.total,
              db.execAndGet("SELECT count(*) FROM contacts WHERE name LIKE '%smith' AND tenant_id = " +
                            std::to_string(tenant.value()))
                  .getInt());
  }
}

TEST_F(Writes, SayWhenThereIsNoSpaceAndGoOnWhenThereIsAgain) {
  PutContacts(acme_, {MakeContact(1, "Ada")});
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{256 * 1024, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  bool told_by_a_row = false;
  const base::Status full = database_->writer().Write([&](WriteTransaction& t) -> base::Status {
    for (std::int64_t i = 0; i < 400'000; ++i) {
      if (!t.UpsertContact(acme_, MakeContact(i, std::string(3'000, 'x')))) {
        told_by_a_row = true;
        break;
      }
    }
    setrlimit(RLIMIT_FSIZE, &before);
    const auto late = t.UpsertContact(acme_, MakeContact(500'000, "There is space again"));
    EXPECT_FALSE(late);
    EXPECT_EQ(late.error().code, base::ErrorCode::kStorageFull);
    return {};  // as if all were well
  });
  std::signal(SIGXFSZ, SIG_DFL);
  ASSERT_FALSE(full);
  EXPECT_TRUE(told_by_a_row);
  EXPECT_EQ(full.error().code, base::ErrorCode::kStorageFull) << full.error().internal;
  EXPECT_EQ(ListContacts(acme_, {}).ids, std::vector<std::string>{ContactUuid(1)});
  EXPECT_EQ(ListContacts(acme_, {}).info.total, 1);
  PutContacts(acme_, {MakeContact(2, "Bob")});
  EXPECT_EQ(ListContacts(acme_, {}).info.total, 2);
}

TEST_F(Writes, KeepTheWriteAheadLogSmall) {
  for (std::int64_t batch = 0; batch < 30; ++batch) {
    std::vector<model::Contact> contacts;
    for (std::int64_t i = 0; i < 200; ++i) contacts.push_back(MakeContact(batch * 200 + i, std::string(2'000, 'x')));
    PutContacts(acme_, contacts);
  }
  const auto wal_bytes = std::filesystem::file_size(folder_.path() / "portal.db-wal");
  const auto db_bytes = std::filesystem::file_size(folder_.path() / "portal.db");
  EXPECT_LT(wal_bytes, 10u << 20);
  EXPECT_GT(db_bytes, 8u << 20) << "checkpoints have moved it into the database";
  database_.reset();
  EXPECT_EQ(std::filesystem::file_size(folder_.path() / "portal.db-wal"), 0u) << "and closing empties it";
}

}  // namespace
}  // namespace portal::store::testing
