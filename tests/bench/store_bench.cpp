// What reads and imports of 100,000 contacts cost, in a store on disk. The last benchmark prints the
// import as rows a second; `--benchmark_filter` picks one.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/logger.h"
#include "store/database.h"
#include "store/reader.h"
#include "store/writer.h"
#include "support/temp_folder.h"

namespace portal::store {
namespace {

constexpr int kContacts = 100'000;
constexpr int kJobs = 20'000;
constexpr std::size_t kBatch = 10'000;

const base::SystemClock kClock;

base::Logger& Log() {
  static base::Logger logger(kClock, 2, base::LogLevel::kOff);
  return logger;
}

std::unique_ptr<Database> OpenStore(const std::filesystem::path& folder) {
  auto opened = Database::Open({.folder = folder, .workers = 1}, kClock, Log());
  if (!opened) throw std::runtime_error(opened.error().detail);
  return std::move(*opened);
}

void Check(const base::Status& done) {
  if (!done) throw std::runtime_error(done.error().detail + ": " + done.error().internal);
}

std::string Uuid(std::mt19937_64& random) {
  const auto high = static_cast<unsigned long long>(random());
  const auto low = static_cast<unsigned long long>(random());
  char text[37];
  std::snprintf(text, sizeof text, "%08llx-%04llx-4%03llx-8%03llx-%012llx", high >> 32, (high >> 16) & 0xffff,
                high & 0xfff, low >> 52, low & 0xffff'ffff'ffff);
  return text;
}

template <std::size_t N>
const char* Pick(std::mt19937_64& random, const char* const (&words)[N]) {
  return words[random() % N];
}

/// Rows as a feed would send them: 16 first names, 16 last names with a number behind, half with a company.
std::vector<model::Contact> MakeContacts() {
  static const char* const kFirst[] = {"Ada",    "Grace",   "Alan", "Edsger", "Barbara", "Donald", "Ken",  "Dennis",
                                       "Bjarne", "Frances", "John", "Leslie", "Niklaus", "Robin",  "Tony", "Radia"};
  static const char* const kLast[] = {"Lovelace", "Hopper",  "Turing",     "Dijkstra", "Liskov", "Knuth",
                                      "Thompson", "Ritchie", "Stroustrup", "Allen",    "Backus", "Lamport",
                                      "Wirth",    "Milner",  "Hoare",      "Perlman"};
  static const char* const kTrade[] = {"Roofing", "Plumbing", "Heating", "Electric",
                                       "Masonry", "Gardens",  "Windows", "Floors"};
  std::mt19937_64 random(20250901);
  std::vector<model::Contact> contacts(kContacts);
  for (int i = 0; i < kContacts; ++i) {
    model::Contact& contact = contacts[static_cast<std::size_t>(i)];
    const char* first = Pick(random, kFirst);
    const char* last = Pick(random, kLast);
    contact.id = base::ContactId(Uuid(random));
    contact.name = std::string(first) + " " + last + std::to_string(random() % 1000);
    contact.email = std::string(first) + "." + last + std::to_string(i) + "@example.com";
    contact.phone = "+1-555-" + std::to_string(1'000'000 + random() % 9'000'000);
    if (random() % 2) contact.company = std::string(last) + " " + Pick(random, kTrade) + " Inc";
    contact.address = std::to_string(random() % 9000) + " Main Street, Springfield, IL 62704";
    contact.created_at = base::WallTime{std::chrono::milliseconds(1'700'000'000'000 + i * 1'000LL)};
    contact.updated_at = contact.created_at + std::chrono::hours(random() % 1000);
  }
  return contacts;
}

const std::vector<model::Contact>& SampleContacts() {
  static const std::vector<model::Contact> contacts = MakeContacts();
  return contacts;
}

base::TenantId CreateTenant(Database& database) {
  base::TenantId tenant;
  Check(database.writer().Write([&](WriteTransaction& t) -> base::Status {
    tenant = t.CreateTenant("acme", "Acme", "acme-files")->id;
    return {};
  }));
  return tenant;
}

void Import(Database& database, const base::TenantId& tenant, std::size_t batch) {
  const std::vector<model::Contact>& contacts = SampleContacts();
  for (std::size_t begin = 0; begin < contacts.size(); begin += batch) {
    Check(database.writer().Write([&](WriteTransaction& t) -> base::Status {
      for (std::size_t i = begin; i < std::min(begin + batch, contacts.size()); ++i) {
        if (auto done = t.UpsertContact(tenant, contacts[i]); !done) return base::Fail(done.error());
      }
      return {};
    }));
  }
}

void ImportJobs(Database& database, const base::TenantId& tenant) {
  Check(database.writer().Write([&](WriteTransaction& t) -> base::Status {
    for (int i = 0; i < kJobs; ++i) {
      model::Job job;
      job.id = base::JobId("job_" + std::to_string(1'000'000 + i));
      job.title = "Roof replacement " + std::to_string(i);
      job.status = static_cast<model::JobStatus>(i % 6);
      job.contact_id = SampleContacts()[static_cast<std::size_t>(i)].id;
      job.created_at = base::WallTime{std::chrono::milliseconds(1'700'000'000'000 + i * 1'000LL)};
      job.updated_at = job.created_at;
      if (auto done = t.UpsertJob(tenant, job); !done) return base::Fail(done.error());
    }
    for (int i = 0; i < 25; ++i) {
      model::File file;
      file.id = base::FileId("file_" + std::to_string(i));
      file.job_id = base::JobId("job_1000000");
      file.name = "photo-" + std::to_string(i) + ".jpg";
      file.content_type = "image/jpeg";
      if (auto done = t.PutFile(tenant, file); !done) return base::Fail(done.error());
    }
    return {};
  }));
}

/// One filled store for all read benchmarks.
struct Filled {
  testing::TempFolder folder;
  std::unique_ptr<Database> database = OpenStore(folder.path());
  base::TenantId tenant = CreateTenant(*database);
  Filled() {
    Import(*database, tenant, kBatch);
    ImportJobs(*database, tenant);
  }
  Reader& reader() { return database->reader(base::WorkerId{0}); }
};

Filled& Store() {
  static Filled filled;
  return filled;
}

void ReadContacts(benchmark::State& state, const model::ContactQuery& query) {
  Filled& store = Store();
  std::size_t bytes = 0;
  const auto read = [&] {
    auto snapshot = store.reader().Begin(false);
    benchmark::DoNotOptimize(store.reader().tenants.Revision(store.tenant));
    auto page = store.reader().contacts.List(
        store.tenant, query, [&](const model::ContactView& row) { bytes += row.name.size() + row.id.size(); });
    if (!page) throw std::runtime_error(page.error().detail);
  };
  read();  // so that anchors are warm
  for (auto _ : state) read();
  benchmark::DoNotOptimize(bytes);
}

void FirstPage(benchmark::State& state) { ReadContacts(state, {}); }
BENCHMARK(FirstPage);

void PageByName(benchmark::State& state) {
  model::ContactQuery query;
  query.sort = model::ContactSort::kName;
  query.direction = model::Direction::kAscending;
  ReadContacts(state, query);
}
BENCHMARK(PageByName);

void PageAtOffset(benchmark::State& state) {
  model::ContactQuery query;
  query.start.offset = state.range(0);
  ReadContacts(state, query);
}
BENCHMARK(PageAtOffset)->Arg(500)->Arg(50'123)->Arg(90'000)->Arg(99'950)->Arg(200'000);

void PageAfterKeyset(benchmark::State& state) {
  model::ContactQuery query;
  model::PageInfo first;
  {
    auto snapshot = Store().reader().Begin(false);
    first = *Store().reader().contacts.List(Store().tenant, query, [](const model::ContactView&) {});
  }
  query.start.kind = state.range(0) ? model::PageStart::Kind::kBefore : model::PageStart::Kind::kAfter;
  query.start.keyset = first.last;
  ReadContacts(state, query);
}
BENCHMARK(PageAfterKeyset)->ArgName("back")->Arg(0)->Arg(1);

void Search(benchmark::State& state, const char* q) {
  model::ContactQuery query;
  query.search = q;
  ReadContacts(state, query);
}
BENCHMARK_CAPTURE(Search, one_row, "lovelace77 ada")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(Search, six_percent, "radia")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(Search, every_row, "e")->Unit(benchmark::kMicrosecond);

void ByEmail(benchmark::State& state) {
  model::ContactQuery query;
  query.email = SampleContacts()[4'711].email;
  ReadContacts(state, query);
}
BENCHMARK(ByEmail);

void ColdAnchors(benchmark::State& state) {
  Filled& store = Store();
  model::ContactQuery query;
  query.start.offset = 90'000;
  for (auto _ : state) {
    state.PauseTiming();
    Check(store.database->writer().Write(
        [&](WriteTransaction& t) { return t.ChangeTenant(store.tenant, {.suspended = false}); }));
    state.ResumeTiming();
    auto snapshot = store.reader().Begin(false);
    benchmark::DoNotOptimize(store.reader().contacts.List(store.tenant, query, [](const model::ContactView&) {}));
  }
}
BENCHMARK(ColdAnchors)->Unit(benchmark::kMicrosecond);

void JobsPage(benchmark::State& state) {
  Filled& store = Store();
  model::JobQuery query;
  if (state.range(0)) query.status = model::JobStatus::kOnHold;
  for (auto _ : state) {
    auto snapshot = store.reader().Begin(false);
    benchmark::DoNotOptimize(store.reader().jobs.List(store.tenant, query, [](const model::JobView&) {}));
  }
}
BENCHMARK(JobsPage)->ArgName("status")->Arg(0)->Arg(1);

void FilesPage(benchmark::State& state) {
  Filled& store = Store();
  model::FileQuery query;
  query.limit = 20;
  for (auto _ : state) {
    auto snapshot = store.reader().Begin(false);
    benchmark::DoNotOptimize(
        store.reader().files.List(store.tenant, "job_1000000", query, [](const model::FileView&) {}));
  }
}
BENCHMARK(FilesPage);

void OneContact(benchmark::State& state) {
  Filled& store = Store();
  const std::string& id = SampleContacts()[4'711].id.value();
  for (auto _ : state) {
    auto snapshot = store.reader().Begin(true);
    benchmark::DoNotOptimize(store.reader().contacts.Find(store.tenant, id, [](const model::ContactView&) {}));
  }
}
BENCHMARK(OneContact);

void DataVersion(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Store().reader().DataVersion());
}
BENCHMARK(DataVersion);

void ImportContacts(benchmark::State& state) {
  SampleContacts();
  for (auto _ : state) {
    state.PauseTiming();
    testing::TempFolder folder;
    auto database = OpenStore(folder.path());
    const base::TenantId tenant = CreateTenant(*database);
    state.ResumeTiming();
    Import(*database, tenant, static_cast<std::size_t>(state.range(0)));
    database.reset();
  }
  state.SetItemsProcessed(state.iterations() * kContacts);
}
BENCHMARK(ImportContacts)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(25'000)
    ->Arg(100'000)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(2)
    ->UseRealTime();

}  // namespace
}  // namespace portal::store

BENCHMARK_MAIN();
