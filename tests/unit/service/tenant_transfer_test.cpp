// Exports and imports of whole tenants, on real stores.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <random>
#include <thread>

#include "base/unique_fd.h"
#include "service/archive/tar_writer.h"
#include "service/archive/tenant_export.h"
#include "service/archive/tenant_import.h"
#include "service/rows/row_encode.h"
#include "store/backup_lock.h"
#include "unit/store/store_fixture.h"

namespace portal::service {
namespace {

using store::WriteTransaction;
using store::testing::ContactIdOf;
using store::testing::ContactUuid;
using store::testing::FileIdOf;
using store::testing::JobIdOf;
using store::testing::MakeContact;
using store::testing::MakeFile;
using store::testing::MakeJob;

class TenantTransfer : public store::testing::StoreTest {
 protected:
  TenantTransfer() : blobs_(*blob::BlobStore::Open(folder_.path() / "blobs", blob::BlobStore::Sync::kNo)) {}

  model::File BlobFile(std::int64_t job, std::int64_t number, const std::string& content) {
    const auto stored = blobs_.Put(content);
    EXPECT_TRUE(stored);
    model::File file = MakeFile(job, number, "file " + std::to_string(number) + ".txt");
    file.sha256 = stored->sha256;
    file.size_bytes = stored->size_bytes;
    return file;
  }
  model::Job JobOf(std::int64_t number, std::int64_t contact) {
    model::Job job = MakeJob(number, "Job " + std::to_string(number));
    job.contact_id = ContactIdOf(contact);
    return job;
  }

  using Hook = std::function<void(const TenantArchiveCounts&)>;
  base::Result<TenantArchiveCounts> ExportTo(int fd, const Hook& between = {}) {
    const auto tenant = reader().tenants.FindBySlug("acme");
    return ExportTenant(*tenant, reader(), blobs_, folder_.path(), clock_, fd, [&](const TenantArchiveCounts& counts) {
      if (between) between(counts);
    });
  }
  std::string Export(const Hook& between = {}) {
    const base::UniqueFd fd(::memfd_create("export", MFD_CLOEXEC));
    const auto counts = ExportTo(fd.get(), between);
    EXPECT_TRUE(counts) << counts.error().detail;
    std::string archive(static_cast<std::size_t>(::lseek(fd.get(), 0, SEEK_END)), '\0');
    EXPECT_EQ(::pread(fd.get(), archive.data(), archive.size(), 0), static_cast<ssize_t>(archive.size()));
    return archive;
  }
  base::Result<TenantArchiveCounts> Import(const std::string& archive, const std::string& slug,
                                           const Hook& between = {}) {
    const base::UniqueFd fd(::memfd_create("import", MFD_CLOEXEC));
    EXPECT_EQ(::write(fd.get(), archive.data(), archive.size()), static_cast<ssize_t>(archive.size()));
    EXPECT_EQ(::lseek(fd.get(), 0, SEEK_SET), 0);
    return ImportTenant(fd.get(), {slug, {}, -1}, *database_, blobs_, folder_.path(), clock_,
                        [&](std::uint64_t, const TenantArchiveCounts& counts) {
                          if (between) between(counts);
                        });
  }

  /// All rows of a tenant, as JSON, in the order of their ids.
  std::vector<std::string> RowsOf(const std::string& slug) {
    const auto tenant = reader().tenants.FindBySlug(slug);
    std::vector<std::string> rows;
    base::ContactId contact;
    base::JobId job, job_of_files;
    const auto snapshot = reader().Begin(false);
    EXPECT_TRUE(reader().walk.Contacts(tenant->id, contact, 1'000'000, [&](const model::ContactView& row) {
      AppendContact(row, rows.emplace_back());
    }));
    EXPECT_TRUE(reader().walk.Jobs(tenant->id, job, 1'000'000,
                                   [&](const model::JobView& row) { AppendJob(row, rows.emplace_back()); }));
    EXPECT_TRUE(reader().walk.Files(
        tenant->id, job_of_files, 1'000'000,
        [&](std::string_view job_id, const model::FileView& row) { AppendFile(row, rows.emplace_back(job_id)); }));
    return rows;
  }
  bool HasTenant(const std::string& slug) { return reader().tenants.FindBySlug(slug).has_value(); }

  /// Three contacts, two jobs, three files, two of them with the same bytes.
  void Fill() {
    model::Contact full = MakeContact(1, "Ann \"Quoted\" Ünï\n\x1f\\");
    full.email = "ann@example.com";
    full.phone = "+1-555-0100";
    full.company = "Best, Inc.";
    full.address = "1 Main St\r\nSpringfield";
    full.updated_at = store::testing::Ms(1'756'721'700'123);
    PutContacts(acme_, {full, MakeContact(2, "Bob"), MakeContact(3, "Cy")});
    model::Job job = JobOf(1, 2);
    job.status = model::JobStatus::kCompleted;
    job.scheduled_at = store::testing::Ms(-5);
    job.completed_at = store::testing::Ms(1'756'721'700'124);
    PutJobs(acme_, {job, MakeJob(2, "Without a contact")});
    PutFiles(acme_,
             {BlobFile(1, 1, "the same"), BlobFile(2, 2, "the same"), BlobFile(2, 3, std::string(600'000, 'b'))});
  }

  blob::BlobStore blobs_;
};

TEST_F(TenantTransfer, MakesTheSameTenantAgain) {
  Fill();
  PutContacts(globex_, {MakeContact(7, "Not ours")});
  const std::string archive = Export();
  const auto counts = Import(archive, "copy");
  ASSERT_TRUE(counts) << counts.error().detail;
  EXPECT_EQ(*counts, (TenantArchiveCounts{3, 2, 3, 2, 600'008}));
  EXPECT_EQ(RowsOf("copy"), RowsOf("acme"));
  const auto copy = reader().tenants.FindBySlug("copy");
  EXPECT_EQ(copy->name, "Acme");
  EXPECT_EQ(copy->bucket, "portal-files-copy");
  EXPECT_FALSE(copy->suspended);
  EXPECT_EQ(copy->contacts, 3);
  EXPECT_EQ(copy->jobs, 2);
  EXPECT_EQ(copy->blob_bytes, 600'008);
}

TEST_F(TenantTransfer, TakesTheQuotaAlongEvenWhereTheTenantIsOverIt) {
  Fill();
  Write(
      [&](WriteTransaction& t) { return t.ChangeTenant(acme_, {.quota_bytes = std::optional<std::int64_t>(1'000)}); });
  ASSERT_TRUE(Import(Export(), "copy"));
  EXPECT_EQ(reader().tenants.FindBySlug("copy")->quota_bytes, 1'000);
}

TEST_F(TenantTransfer, TakesTheTenantsBudgetsAlong) {
  model::BudgetChange change;
  change.Set(model::LimitPolicy::kContacts, 3'000);
  change.Set(model::LimitPolicy::kDownloads, 0);
  Write([&](WriteTransaction& t) { return t.SetBudgets(acme_, change); });
  ASSERT_TRUE(Import(Export(), "copy"));
  const model::Budgets budgets = reader().tenants.FindBySlug("copy")->budgets;
  EXPECT_EQ(budgets, reader().tenants.FindBySlug("acme")->budgets);
  EXPECT_EQ(budgets.Of(model::LimitPolicy::kContacts), 3'000u);
  EXPECT_EQ(budgets.Of(model::LimitPolicy::kDownloads), 0u);
}

TEST_F(TenantTransfer, ReadsHeadsOfExportsFromBeforeThereWereBudgetsAndRefusesBudgetsThatAreNone) {
  const std::string older = R"({"format":1,"program":"0.9.0","made_at":"2025-09-01T10:15:00Z","slug":"acme",)"
                            R"("name":"Acme","bucket":"b","quota_bytes":null)";
  const auto head = ParseArchiveHead(older + "}");
  ASSERT_TRUE(head) << head.error().detail;
  EXPECT_EQ(head->budgets, model::Budgets());
  EXPECT_EQ(ParseArchiveHead(older + R"(,"budget_jobs":1000000000})")->budgets.Of(model::LimitPolicy::kJobs),
            model::kMaxBudget);
  for (const char* bad : {"-1", "1000000001", "4294967295", "99999999999", "1.5", "\"5\"", "true", "[]"}) {
    const auto refused = ParseArchiveHead(older + R"(,"budget_jobs":)" + bad + "}");
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, base::ErrorCode::kValidation);
    EXPECT_EQ(refused.error().detail,
              "tenant.json: budget_jobs is neither null nor a number of requests, 0 to 1000000000");
  }
}

TEST_F(TenantTransfer, AnEmptyTenantIsOneToo) {
  const auto counts = Import(Export(), "copy");
  ASSERT_TRUE(counts) << counts.error().detail;
  EXPECT_EQ(*counts, TenantArchiveCounts{});
}

TEST_F(TenantTransfer, SplitsManyRowsAmongEntries) {
  std::vector<model::Contact> contacts;
  for (int i = 0; i < 25'000; ++i) contacts.push_back(MakeContact(i, "Contact " + std::to_string(i)));
  PutContacts(acme_, contacts);
  int batches = 0;
  const std::string archive = Export([&](const TenantArchiveCounts&) { ++batches; });
  EXPECT_GE(batches, 3);
  for (const char* name : {"contacts/000001.ndjson", "contacts/000003.ndjson"}) {
    EXPECT_NE(archive.find(name), std::string::npos) << name;
  }
  EXPECT_EQ(archive.find("contacts/000004.ndjson"), std::string::npos);
  ASSERT_TRUE(Import(archive, "copy"));
  EXPECT_EQ(RowsOf("copy"), RowsOf("acme"));
}

TEST_F(TenantTransfer, WhatIsNamedIsInItThoughItCameAfterTheWalkHadPassed) {
  PutContacts(acme_, {MakeContact(500, "Last")});
  PutJobs(acme_, {JobOf(500, 500)});
  int batch = 0;
  const std::string archive = Export([&](const TenantArchiveCounts&) {
    ++batch;
    if (batch == 1) {  // the contacts are written: a job with a new contact
      PutContacts(acme_, {MakeContact(1, "Late")});
      PutJobs(acme_, {JobOf(1, 1)});
    } else if (batch == 2) {  // the jobs are written: a file of a new job with a new contact
      PutContacts(acme_, {MakeContact(2, "Later")});
      PutJobs(acme_, {JobOf(2, 2)});
      PutFiles(acme_, {BlobFile(2, 1, "late bytes"), BlobFile(1, 1, "more late bytes")});
    }
  });
  ASSERT_GE(batch, 3);
  const auto counts = Import(archive, "copy");
  ASSERT_TRUE(counts) << counts.error().detail;
  EXPECT_EQ(RowsOf("copy"), RowsOf("acme"));
}

TEST_F(TenantTransfer, ARowWhoseNumberIsUsedAgainIsNotMistakenForAnother) {
  // SQLite gives the largest row_id again once its row is gone: the new contact must still count as one not written.
  PutContacts(acme_, {MakeContact(500, "Stays"), MakeContact(900, "Goes")});
  PutJobs(acme_, {JobOf(500, 500)});
  bool first = true;
  const std::string archive = Export([&](const TenantArchiveCounts&) {
    if (!std::exchange(first, false)) return;
    Write([&](WriteTransaction& t) { return t.DeleteContact(acme_, ContactIdOf(900)); });
    PutContacts(acme_, {MakeContact(1, "Takes its number")});
    PutJobs(acme_, {JobOf(1, 1)});
  });
  const auto counts = Import(archive, "copy");
  ASSERT_TRUE(counts) << counts.error().detail;
  EXPECT_EQ(counts->contacts, 3);
  EXPECT_EQ(counts->jobs, 2);
}

TEST_F(TenantTransfer, EveryExportCanBeImportedWhileSomebodyWritesAllTheTime) {
  PutContacts(acme_, {MakeContact(1'000, "There from the beginning")});
  std::atomic<bool> stop = false;
  std::atomic<int> commits = 0;
  std::thread writer([&] {
    std::mt19937 random(4);
    const auto any = [&random](int below) {
      return static_cast<std::int64_t>(random() % static_cast<unsigned>(below));
    };
    while (!stop) {
      const std::int64_t contact = any(50), job = any(50), file = any(20);
      const model::File bytes = BlobFile(job, file, "bytes " + std::to_string(any(30)));
      const base::Status done = database_->writer().Write([&](WriteTransaction& t) -> base::Status {
        static_cast<void>(t.UpsertContact(acme_, MakeContact(contact, "C" + std::to_string(any(1'000)))));
        static_cast<void>(t.UpsertJob(acme_, JobOf(job, contact)));
        static_cast<void>(t.PutFile(acme_, bytes));
        if (any(3) == 0) static_cast<void>(t.DeleteContact(acme_, ContactIdOf(any(50))));
        if (any(3) == 0) static_cast<void>(t.DeleteJob(acme_, JobIdOf(any(50))));
        if (any(3) == 0) static_cast<void>(t.DeleteFile(acme_, JobIdOf(any(50)), FileIdOf(any(20))));
        return {};
      });
      EXPECT_TRUE(done) << done.error().detail;
      ++commits;
    }
  });
  for (int round = 0; round < 25; ++round) {
    // Some writes come between any two snapshots.
    const auto counts = Import(Export([&](const TenantArchiveCounts&) {
                                 for (const int before = commits; commits < before + 5;) std::this_thread::yield();
                               }),
                               "copy-" + std::to_string(round));
    EXPECT_TRUE(counts) << counts.error().detail;
  }
  stop = true;
  writer.join();
}

TEST_F(TenantTransfer, NoBlobIsRemovedMeanwhile) {
  Fill();
  const auto purges = [&] { return store::BackupLock::RemoveBlobs(folder_.path()).has_value(); };
  EXPECT_TRUE(purges());
  const std::string archive = Export([&](const TenantArchiveCounts&) { EXPECT_FALSE(purges()); });
  EXPECT_TRUE(purges());
  ASSERT_TRUE(Import(archive, "copy", [&](const TenantArchiveCounts&) { EXPECT_FALSE(purges()); }));
}

TEST_F(TenantTransfer, AnExportOfATenantThatIsDeletedMeanwhileFails) {
  Fill();
  const base::UniqueFd fd(::memfd_create("export", MFD_CLOEXEC));
  bool first = true;
  const auto counts = ExportTo(fd.get(), [&](const TenantArchiveCounts&) {
    if (!std::exchange(first, false)) return;
    Write([&](WriteTransaction& t) { return t.DeleteTenant(acme_); });
  });
  ASSERT_FALSE(counts);
  EXPECT_EQ(counts.error().code, base::ErrorCode::kNotFound);
}

TEST_F(TenantTransfer, ADamagedBlobIsNotExported) {
  Fill();
  const auto damaged = blobs_.Put("damaged");
  PutFiles(acme_, {BlobFile(1, 9, "damaged")});
  ASSERT_TRUE(*blobs_.Remove(damaged->sha256));
  const base::UniqueFd fd(::memfd_create("export", MFD_CLOEXEC));
  const auto counts = ExportTo(fd.get());
  ASSERT_FALSE(counts);
  EXPECT_NE(counts.error().detail.find("is missing"), std::string::npos) << counts.error().detail;
}

TEST_F(TenantTransfer, TheTenantIsSuspendedUntilAllOfItIsIn) {
  Fill();
  int looks = 0;
  ASSERT_TRUE(Import(Export(), "copy", [&](const TenantArchiveCounts&) {
    ++looks;
    EXPECT_TRUE(reader().tenants.FindBySlug("copy")->suspended);
  }));
  EXPECT_GE(looks, 4);
  EXPECT_FALSE(reader().tenants.FindBySlug("copy")->suspended);
}

TEST_F(TenantTransfer, AShortNameThatIsTakenIsRefusedAndWhatHasItStays) {
  Fill();
  const auto counts = Import(Export(), "globex");
  ASSERT_FALSE(counts);
  EXPECT_EQ(counts.error().code, base::ErrorCode::kConflict);
  EXPECT_TRUE(HasTenant("globex"));
}

TEST_F(TenantTransfer, ACutExportIsNoticedWhereverItIsCut) {
  Fill();
  const std::string archive = Export();
  for (std::size_t size = 0; size + 512 < archive.size(); size += size < 8'192 ? 512 : 65'536) {
    for (const std::size_t cut : {size, size + 100}) {
      const auto counts = Import(archive.substr(0, cut), "copy");
      ASSERT_FALSE(counts) << cut;
      EXPECT_EQ(counts.error().code, base::ErrorCode::kValidation) << counts.error().detail;
      ASSERT_FALSE(HasTenant("copy")) << cut;
    }
  }
}

TEST_F(TenantTransfer, MutatedExportsAreRefusedOrImportedButNeverHalf) {
  Fill();
  const std::string archive = Export();
  const int rounds = std::getenv("PORTAL_LONG") ? 10'000 : 500;
  std::mt19937 random(20'250'902);
  int imported = 0;
  for (int round = 0; round < rounds; ++round) {
    std::string mutated = archive;
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      // Mostly where the structure is: the blob of 600,000 bytes would take nearly all hits.
      const std::size_t at = random() % 4 == 0 ? random() % mutated.size() : random() % 8'192;
      switch (random() % 4) {
        case 0:
          mutated[at] = static_cast<char>(random());
          break;
        case 1:
          mutated[at] = static_cast<char>(mutated[at] ^ (1 << random() % 8));
          break;
        case 2:
          mutated.erase(at, 1 + random() % 1'024);
          break;
        default:
          mutated.insert(at, mutated.substr(random() % 8'192, 1 + random() % 1'024));
      }
    }
    const std::string slug = "m" + std::to_string(round);
    const auto counts = Import(mutated, slug);
    ASSERT_EQ(HasTenant(slug), counts.has_value()) << round;
    if (counts) {
      ++imported;
      EXPECT_EQ(RowsOf(slug), RowsOf("acme")) << round;
    } else {
      EXPECT_NE(counts.error().code, base::ErrorCode::kInternal);
      EXPECT_FALSE(counts.error().detail.empty());
    }
  }
  EXPECT_LT(imported, rounds / 10);
}

}  // namespace
}  // namespace portal::service
