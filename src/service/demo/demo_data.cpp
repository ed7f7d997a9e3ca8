#include "service/demo/demo_data.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/time_text.h"
#include "crypto/hash.h"
#include "model/tenant.h"
#include "service/demo/demo_files.h"
#include "service/demo/demo_lists.h"
#include "service/demo/demo_random.h"
#include "service/demo/demo_records.h"
#include "store/writer.h"

namespace portal::service {
namespace {

using base::Status;

/// One tenant's share of the demo, complete before anything is written.
struct Share {
  std::vector<model::Contact> contacts;
  std::vector<model::Job> jobs;
  std::vector<model::File> files;
};

base::WallTime At(std::string_view rfc3339) { return *base::ParseRfc3339(rfc3339); }

model::Contact KnownContact() {
  return {.id = base::ContactId("550e8400-e29b-41d4-a716-446655440000"),
          .name = "Dana Whitfield",
          .email = "dana.whitfield@whitfieldpropertymanagement.example.com",
          .phone = "(512) 555-0147",
          .company = "Whitfield Property Management",
          .address = "1420 Alder Street, Austin, TX 78704",
          .created_at = At("2024-03-11T15:42:08.271Z"),
          .updated_at = At("2025-08-28T20:05:51.640Z")};
}

model::Job KnownJob() {
  const model::Contact contact = KnownContact();
  return {.id = base::JobId("job_prod_test"),
          .title = "Roof replacement, " + *contact.company,
          .status = model::JobStatus::kInProgress,
          .contact_id = contact.id,
          .address = contact.address,
          .scheduled_at = At("2025-08-29T12:30:00Z"),
          .completed_at = std::nullopt,
          .created_at = At("2025-08-18T16:20:33.905Z"),
          .updated_at = At("2025-09-01T10:15:00Z")};
}

/// A job with more photos than a default page of any gallery shows.
model::Job SurveyJob() {
  const model::Contact contact = KnownContact();
  return {.id = base::JobId("job_photo_survey"),
          .title = "Photo survey of all roofs, " + *contact.company,
          .status = model::JobStatus::kCompleted,
          .contact_id = contact.id,
          .address = contact.address,
          .scheduled_at = At("2025-06-10T13:00:00Z"),
          .completed_at = At("2025-06-11T21:30:00Z"),
          .created_at = At("2025-06-02T14:11:46.118Z"),
          .updated_at = At("2025-06-11T21:30:00Z")};
}

void Append(std::vector<model::File> more, std::vector<model::File>& files) {
  files.insert(files.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// Two of five jobs have files, most of them few.
void AddFiles(const DemoLists& lists, const DemoBlobs& blobs, DemoRandom& random, Share& share) {
  for (const model::Job& job : share.jobs) {
    if (!random.Chance(40)) continue;
    const std::int64_t photos = random.Below(5);
    const std::int64_t documents = random.Below(3);
    Append(DemoFiles(lists, blobs, job, photos, documents, random), share.files);
  }
}

Share AcmeShare(const DemoLists& lists, const DemoBlobs& blobs) {
  DemoRandom random(1);
  Share share;
  share.contacts = DemoContacts(lists, 1246, random);
  share.jobs = DemoJobs(lists, share.contacts, 340, random);
  AddFiles(lists, blobs, random, share);
  share.contacts.push_back(KnownContact());
  share.jobs.push_back(SurveyJob());
  Append(DemoFiles(lists, blobs, share.jobs.back(), 29, 3, random), share.files);
  share.jobs.push_back(KnownJob());
  share.files.push_back(DemoFile(blobs.production_document, share.jobs.back(), base::FileId("file_prod001"),
                                 "production_document.pdf", At("2025-09-01T10:15:00Z")));
  return share;
}

Share GlobexShare(const DemoLists& lists, const DemoBlobs& blobs) {
  DemoRandom random(2);
  Share share;
  share.contacts = DemoContacts(lists, 86, random);
  share.jobs = DemoJobs(lists, share.contacts, 24, random);
  AddFiles(lists, blobs, random, share);
  return share;
}

constexpr std::uint32_t kLoadBudget = 100'000;

struct DemoClient {
  std::string_view id;
  std::string_view name;
  std::string_view token_id;
  model::Scopes scopes = model::kReadScope;
  std::optional<std::uint32_t> budget{};  // of every kind of request
};

std::string_view TokenOf(std::string_view owner) {
  return std::ranges::find(kDemoTokens, owner, &DemoToken::owner)->token;
}

Status WriteClient(store::WriteTransaction& transaction, const base::TenantId& tenant, const DemoClient& client) {
  const base::WallTime created_at = At("2023-09-01T12:00:00Z");
  const base::ClientId id{std::string(client.id)};
  if (auto made = transaction.CreateClient({id, tenant, std::string(client.name), false, created_at}); !made) {
    return made;
  }
  if (client.budget) {
    model::BudgetChange budgets;
    budgets.of.fill(std::optional(client.budget));
    if (auto set = transaction.SetBudgets(tenant, id, budgets); !set) return set;
  }
  const model::Token token{
      std::string(client.token_id), id, "demo", created_at, std::nullopt, std::nullopt, client.scopes};
  return transaction.CreateToken(tenant, token, crypto::Sha256(TokenOf(client.id)));
}

Status WriteOperator(store::WriteTransaction& transaction) {
  const model::OperatorToken token{"tok_demo_admin",           "demo",       model::kOperatorScopes,
                                   At("2023-09-01T12:00:00Z"), std::nullopt, std::nullopt};
  return transaction.CreateOperatorToken(token, crypto::Sha256(TokenOf(kDemoOperator)));
}

Status WriteShare(store::WriteTransaction& transaction, const base::TenantId& tenant, const Share& share) {
  for (const model::Contact& contact : share.contacts) {
    if (auto done = transaction.UpsertContact(tenant, contact); !done) return base::Fail(std::move(done).error());
  }
  for (const model::Job& job : share.jobs) {
    if (auto done = transaction.UpsertJob(tenant, job); !done) return base::Fail(std::move(done).error());
  }
  for (const model::File& file : share.files) {
    if (auto done = transaction.PutFile(tenant, file); !done) return base::Fail(std::move(done).error());
  }
  return {};
}

struct DemoTenant {
  std::string_view slug;
  std::string_view name;
  std::string_view bucket;
  std::vector<DemoClient> clients;
  Share share;
};

Status WriteTenant(store::WriteTransaction& transaction, const DemoTenant& demo) {
  const auto tenant =
      transaction.CreateTenant(std::string(demo.slug), std::string(demo.name), std::string(demo.bucket));
  if (!tenant) return base::Fail(tenant.error());
  for (const DemoClient& client : demo.clients) {
    if (auto written = WriteClient(transaction, tenant->id, client); !written) return written;
  }
  return WriteShare(transaction, tenant->id, demo.share);
}

}  // namespace

Status SeedDemoOperator(store::Database& database) {
  return database.writer().Write([](store::WriteTransaction& transaction) { return WriteOperator(transaction); });
}

Status SeedDemoData(store::Database& database, blob::BlobStore& store) {
  const DemoLists lists;
  const auto blobs = PutDemoBlobs(lists, store);
  if (!blobs) return base::Fail(blobs.error());
  const DemoTenant acme{"acme",
                        "Acme Roofing",
                        "portal-files-prod",
                        {{"client_prod", "Production portal", "tok_demo_prod"},
                         {"client_load", "Load test", "tok_demo_load", model::kReadScope, kLoadBudget},
                         {"client_feed", "Feed", "tok_demo_feed", model::kReadScope | model::kWriteScope}},
                        AcmeShare(lists, *blobs)};
  const DemoTenant globex{"globex",
                          "Globex Exteriors",
                          "globex-files",
                          {{"client_globex", "Globex portal", "tok_demo_globex"}},
                          GlobexShare(lists, *blobs)};
  return database.writer().Write([&](store::WriteTransaction& transaction) -> Status {
    if (auto written = WriteTenant(transaction, acme); !written) return written;
    if (auto written = WriteTenant(transaction, globex); !written) return written;
    return WriteOperator(transaction);
  });
}

}  // namespace portal::service
