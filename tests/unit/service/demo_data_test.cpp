#include "service/demo/demo_data.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/hex.h"
#include "base/logger.h"
#include "base/time_text.h"
#include "crypto/hash.h"
#include "service/demo/demo_records.h"
#include "store/reader.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace portal::service {
namespace {

/// A freshly seeded store and what can be read from it.
class DemoStore {
 public:
  DemoStore() {
    const auto seeded = SeedDemoData(*database_, blobs_);
    if (!seeded) throw std::runtime_error(seeded.error().detail + " " + seeded.error().internal);
  }

  store::Reader& reader() { return database_->reader({0}); }
  store::Database& database() { return *database_; }
  blob::BlobStore& blobs() { return blobs_; }
  base::TenantId Tenant(std::string_view slug) { return reader().tenants.FindBySlug(slug).value().id; }

  /// Walks all pages of a list; `row` gets every row once, the total is returned.
  template <typename Query, typename List, typename Row>
  std::int64_t Each(List list, Row row) {
    Query query;
    query.limit = model::kMaxLimit;
    for (;; query.start.offset += query.limit) {
      const auto info = list(query, row);
      if (!info) throw std::runtime_error(info.error().detail + " " + info.error().internal);
      if (!info->has_more) return info->total;
    }
  }
  template <typename Row>
  std::int64_t EachContact(const base::TenantId& tenant, Row row) {
    return Each<model::ContactQuery>([&](auto& q, auto& r) { return reader().contacts.List(tenant, q, r); }, row);
  }
  template <typename Row>
  std::int64_t EachJob(const base::TenantId& tenant, Row row) {
    return Each<model::JobQuery>([&](auto& q, auto& r) { return reader().jobs.List(tenant, q, r); }, row);
  }
  template <typename Row>
  std::int64_t EachFile(const base::TenantId& tenant, std::string_view job, Row row) {
    return Each<model::FileQuery>([&](auto& q, auto& r) { return reader().files.List(tenant, job, q, r); }, row);
  }

  std::string Read(std::span<const unsigned char, 32> sha256) {
    const auto opened = blobs_.Open(sha256);
    if (!opened) throw std::runtime_error(opened.error().internal);
    std::string bytes(static_cast<std::size_t>(opened->size_bytes), '\0');
    EXPECT_EQ(::pread(opened->fd.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    return bytes;
  }

 private:
  static std::unique_ptr<store::Database> OpenStore(const std::filesystem::path& folder, const base::Clock& clock,
                                                    base::Logger& logger) {
    auto database = store::Database::Open({folder, 1, store::Durability::kNone, true}, clock, logger);
    if (!database) throw std::runtime_error(database.error().detail);
    return std::move(*database);
  }

  testing::TempFolder folder_;
  testing::ManualClock clock_;
  base::Logger logger_{clock_, 2, base::LogLevel::kOff};
  std::unique_ptr<store::Database> database_ = OpenStore(folder_.path(), clock_, logger_);
  blob::BlobStore blobs_ = blob::BlobStore::Open(folder_.path() / "blobs", blob::BlobStore::Sync::kNo).value();
};

/// Every row of both tenants as text, with the blobs behind the files.
std::string Dump(DemoStore& demo) {
  std::string text;
  for (const std::string_view slug : {"acme", "globex"}) {
    const base::TenantId tenant = demo.Tenant(slug);
    demo.EachContact(tenant, [&](const model::ContactView& c) {
      text.append(c.id).append(c.name).append(c.email.value_or("-")).append(c.phone.value_or("-"));
      text.append(c.company.value_or("-")).append(c.address.value_or("-"));
      text += base::FormatRfc3339(c.created_at) + base::FormatRfc3339(c.updated_at) + "\n";
    });
    std::vector<std::string> jobs;
    demo.EachJob(tenant, [&](const model::JobView& j) {
      text.append(j.id).append(j.title).append(ToText(j.status)).append(j.contact_id.value_or("-"));
      text += base::FormatRfc3339(j.created_at) + base::FormatRfc3339(j.updated_at) + "\n";
      jobs.emplace_back(j.id);
    });
    for (const std::string& job : jobs) {
      demo.EachFile(tenant, job, [&](const model::FileView& f) {
        text.append(f.id).append(f.name).append(base::ToHex(f.sha256)).append(base::FormatRfc3339(f.created_at));
        text += "\n";
      });
    }
  }
  return text;
}

TEST(DemoData, IsTheSameOnEveryRun) {
  DemoStore first, second;
  const std::string text = Dump(first);
  EXPECT_GT(text.size(), 200'000u);
  EXPECT_EQ(text, Dump(second));
}

TEST(DemoData, HasTheRowsThatTheContractPromises) {
  DemoStore demo;
  const base::TenantId acme = demo.Tenant("acme");
  std::set<std::string> contacts;
  EXPECT_EQ(demo.EachContact(acme, [&](const model::ContactView& c) { contacts.emplace(c.id); }), 1247);
  EXPECT_EQ(contacts.size(), 1247u);
  EXPECT_TRUE(contacts.contains("550e8400-e29b-41d4-a716-446655440000"));
  std::map<model::JobStatus, int> statuses;
  std::set<std::string> jobs;
  EXPECT_EQ(demo.EachJob(acme,
                         [&](const model::JobView& j) {
                           jobs.emplace(j.id);
                           ++statuses[j.status];
                           if (j.contact_id) {
                             EXPECT_TRUE(contacts.contains(std::string(*j.contact_id)));
                           }
                         }),
            342);
  EXPECT_EQ(jobs.size(), 342u);
  EXPECT_EQ(statuses.size(), model::kJobStatusNames.size());
  EXPECT_EQ(demo.reader().tenants.Bucket(acme), "portal-files-prod");
}

TEST(DemoData, TheKnownJobHasExactlyTheKnownDocument) {
  DemoStore demo;
  int files = 0;
  const auto total = demo.EachFile(demo.Tenant("acme"), "job_prod_test", [&](const model::FileView& file) {
    ++files;
    EXPECT_EQ(file.id, "file_prod001");
    EXPECT_EQ(file.name, "production_document.pdf");
    EXPECT_EQ(file.kind, model::FileKind::kDocument);
    EXPECT_EQ(file.content_type, "application/pdf");
    EXPECT_EQ(file.size_bytes, 2'457'600);
    EXPECT_EQ(base::FormatRfc3339(file.created_at), "2025-09-01T10:15:00.000Z");
    const std::string bytes = demo.Read(file.sha256);
    EXPECT_EQ(bytes.size(), 2'457'600u);
    EXPECT_TRUE(bytes.starts_with("%PDF-"));
  });
  EXPECT_EQ(total, 1);
  EXPECT_EQ(files, 1);
}

TEST(DemoData, ItsTokensNameTheirTenants) {
  DemoStore demo;
  struct Case {
    std::string_view token, client, slug;
  };
  for (const Case& c : {Case{"prod_token", "client_prod", "acme"}, Case{"load_token", "client_load", "acme"},
                        Case{"different_tenant_token", "client_globex", "globex"}}) {
    const auto entry = demo.reader().tenants.FindToken(crypto::Sha256(c.token));
    ASSERT_TRUE(entry && *entry) << c.token;
    EXPECT_TRUE((*entry)->usable);
    EXPECT_EQ((*entry)->client.value(), c.client);
    EXPECT_EQ((*entry)->tenant, demo.Tenant(c.slug));
  }
}

TEST(DemoData, TheOtherTenantHasItsOwnSmallerData) {
  DemoStore demo;
  const base::TenantId globex = demo.Tenant("globex");
  std::set<std::string> acme_contacts;
  demo.EachContact(demo.Tenant("acme"), [&](const model::ContactView& c) { acme_contacts.emplace(c.id); });
  const auto contacts = demo.EachContact(
      globex, [&](const model::ContactView& c) { EXPECT_FALSE(acme_contacts.contains(std::string(c.id))); });
  const auto jobs = demo.EachJob(globex, [](const model::JobView&) {});
  EXPECT_GT(contacts, 0);
  EXPECT_LT(contacts, 1247);
  EXPECT_GT(jobs, 0);
  EXPECT_LT(jobs, 342);
}

TEST(DemoData, EveryFileIsInTheBlobStoreAndIsWhatItSays) {
  DemoStore demo;
  int most_files = 0;
  std::set<std::string> names, kinds;
  for (const std::string_view slug : {"acme", "globex"}) {
    const base::TenantId tenant = demo.Tenant(slug);
    std::vector<std::string> jobs;
    demo.EachJob(tenant, [&](const model::JobView& job) { jobs.emplace_back(job.id); });
    for (const std::string& job : jobs) {
      const auto total = demo.EachFile(tenant, job, [&](const model::FileView& file) {
        const std::string bytes = demo.Read(file.sha256);
        EXPECT_EQ(static_cast<std::int64_t>(bytes.size()), file.size_bytes);
        EXPECT_EQ(bytes.starts_with("%PDF-"), file.content_type == "application/pdf") << file.name;
        EXPECT_EQ(bytes.starts_with("\x89PNG"), file.kind == model::FileKind::kPhoto) << file.name;
        names.emplace(file.name);
        kinds.emplace(ToText(file.kind));
      });
      most_files = std::max(most_files, static_cast<int>(total));
    }
  }
  EXPECT_GE(most_files, 25);
  EXPECT_EQ(kinds, (std::set<std::string>{"document", "photo", "other"}));
  EXPECT_TRUE(names.contains("roof 🏠 ridge.png"));
  EXPECT_TRUE(names.contains("Owner's \"must keep\" list.pdf"));
  EXPECT_TRUE(names.contains("100% done.png"));
  EXPECT_TRUE(std::any_of(names.begin(), names.end(), [](const std::string& name) { return name.size() == 255; }));
}

TEST(DemoData, ItsTimesAreInOrderAndNeverAfterTheDemosNow) {
  DemoStore demo;
  const base::TenantId acme = demo.Tenant("acme");
  demo.EachContact(acme, [](const model::ContactView& c) {
    EXPECT_LE(c.created_at, c.updated_at) << c.id;
    EXPECT_LE(c.updated_at, DemoNow()) << c.id;
  });
  demo.EachJob(acme, [](const model::JobView& j) {
    EXPECT_LE(j.created_at, j.updated_at) << j.id;
    EXPECT_LE(j.updated_at, DemoNow()) << j.id;
    EXPECT_EQ(j.completed_at.has_value(), j.status == model::JobStatus::kCompleted) << j.id;
    if (j.scheduled_at) {
      EXPECT_LE(j.created_at, *j.scheduled_at) << j.id;
    }
    if (j.completed_at) {
      EXPECT_LE(*j.scheduled_at, *j.completed_at) << j.id;
      EXPECT_LE(*j.completed_at, DemoNow()) << j.id;
    }
  });
}

TEST(DemoData, AStoreThatHasItAlreadyIsRefused) {
  DemoStore demo;
  const auto again = SeedDemoData(demo.database(), demo.blobs());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, base::ErrorCode::kConflict);
}

}  // namespace
}  // namespace portal::service
