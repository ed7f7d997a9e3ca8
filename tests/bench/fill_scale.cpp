// Fills an empty data folder with tenants, contacts, jobs, files and blobs, as fast as the store's writer goes. Prints
// {"contacts":N,"jobs":N,"files":N,"seconds":S}; any failure ends the program with exit code 1.
// usage: fill_scale FOLDER TENANTS CONTACTS CONTACTS_OF_THE_FIRST JOBS BLOBS
// Tenants are called tenant-0, tenant-1, …, with a client each, client-0, client-1, …, and no tokens. Those behind the
// first share what it leaves; a tenant's contacts are rounded down to whole families, and it has one job at least.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/logger.h"
#include "base/unique_fd.h"
#include "blob/blob_store.h"
#include "scale_rows.h"
#include "service/search_tidy.h"
#include "store/database.h"
#include "store/writer.h"

namespace portal::bench {
namespace {

constexpr int kRowsPerTransaction = 10'000;
/// A tenant's contacts come in so many parts, with everybody else's between them.
constexpr std::int64_t kParts = 10;
constexpr std::int64_t kFilesPerJob = 20;
constexpr std::size_t kBlobBytes = 1'048'576;

struct Amounts {
  std::int64_t tenants = 0;
  std::int64_t contacts = 0;
  std::int64_t contacts_of_first = 0;
  std::int64_t jobs = 0;
  std::int64_t blobs = 0;
};

struct Tenant {
  base::TenantId id;
  ScaleRows rows;
  std::int64_t contacts = 0;
  std::int64_t jobs = 0;
};

template <typename T>
T Must(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().detail + ": " + result.error().internal);
  return std::move(*result);
}

void MustDo(const base::Status& done) {
  if (!done) throw std::runtime_error(done.error().detail + ": " + done.error().internal);
}

/// Nothing is synced before the end: a store that is half filled is of no use anyway.
class Filler {
 public:
  explicit Filler(const std::filesystem::path& folder)
      : logger_(clock_, STDERR_FILENO, base::LogLevel::kWarning),
        database_(
            Must(store::Database::Open({.folder = folder, .durability = store::Durability::kNone}, clock_, logger_))),
        blobs_(Must(blob::BlobStore::Open(folder / "blobs", blob::BlobStore::Sync::kNo))) {}

  void MakeTenants(const Amounts& amounts) {
    std::int64_t number = 0;
    InTransactions([&](store::WriteTransaction& transaction) {
      const std::string text = std::to_string(number);
      const std::string slug = "tenant-" + text;
      const base::TenantId id = Must(transaction.CreateTenant(slug, "Tenant " + text, slug)).id;
      MustDo(transaction.CreateClient(
          {.id = base::ClientId("client-" + text), .tenant = id, .name = slug, .created_at = clock_.Wall()}));
      std::int64_t contacts = number == 0 ? amounts.contacts_of_first
                                          : (amounts.contacts - amounts.contacts_of_first) / (amounts.tenants - 1);
      contacts -= contacts % ScaleRows::kContactsPerFamily;
      const std::int64_t jobs = std::max<std::int64_t>(1, amounts.jobs * contacts / amounts.contacts);
      tenants_.push_back({id, ScaleRows(id.value(), contacts), contacts, jobs});
      return ++number < amounts.tenants;
    });
  }

  void MakeBlobs(std::int64_t count) {
    std::mt19937_64 random(1);
    std::string content(kBlobBytes, '\0');
    for (std::int64_t n = 0; n < count; ++n) {
      std::ranges::generate(content, [&] { return static_cast<char>(random()); });
      stored_.push_back(Must(blobs_.Put(content)));
    }
  }

  /// Returns how many.
  std::int64_t FillContacts() {
    std::int64_t written = 0;
    model::Contact contact;
    std::int64_t part = 0;
    std::size_t tenant = 0;
    std::int64_t number = 0;
    InTransactions([&](store::WriteTransaction& transaction) {
      while (number == tenants_[tenant].contacts * (part + 1) / kParts) {
        if (++tenant == tenants_.size()) {
          tenant = 0;
          if (++part == kParts) return false;
        }
        number = tenants_[tenant].contacts * part / kParts;
      }
      tenants_[tenant].rows.FillContact(number, contact);
      Must(transaction.UpsertContact(tenants_[tenant].id, contact));
      ++number;
      if (++written % 1'000'000 == 0) std::fprintf(stderr, "fill_scale: %ld contacts\n", static_cast<long>(written));
      return true;
    });
    return written;
  }

  /// What a portal's own thread does within two minutes after the last change.
  void TidySearch() {
    service::SearchTidy tidy(*database_, clock_);
    for (int look = 0; look < 2; ++look) {
      MustDo(tidy.Run([](std::chrono::nanoseconds) { return true; }));
    }
  }

  /// Returns how many.
  std::int64_t FillJobs() {
    std::int64_t written = 0;
    std::size_t tenant = 0;
    std::int64_t number = 0;
    InTransactions([&](store::WriteTransaction& transaction) {
      if (number == tenants_[tenant].jobs) {
        number = 0;
        if (++tenant == tenants_.size()) return false;
      }
      const model::Job job = tenants_[tenant].rows.Job(number);
      Must(transaction.UpsertJob(tenants_[tenant].id, job));
      for (std::int64_t n = 0; n < kFilesPerJob; ++n) {
        Must(transaction.PutFile(tenants_[tenant].id, FileOf(job, number, n)));
      }
      ++number;
      ++written;
      return true;
    });
    return written;
  }

 private:
  /// Calls `next` until it returns false, many calls a transaction.
  void InTransactions(base::FunctionRef<bool(store::WriteTransaction&)> next) {
    for (bool more = true; more;) {
      MustDo(database_->writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
        for (int row = 0; row < kRowsPerTransaction && more; ++row) more = next(transaction);
        return {};
      }));
    }
  }

  model::File FileOf(const model::Job& job, std::int64_t job_number, std::int64_t number) const {
    const auto& blob = stored_[static_cast<std::size_t>(job_number * kFilesPerJob + number) % stored_.size()];
    model::File file;
    file.id = base::FileId("file_" + std::to_string(number));
    file.job_id = job.id;
    file.name = "photo-" + std::to_string(number) + ".jpg";
    file.kind = model::FileKind::kPhoto;
    file.content_type = "image/jpeg";
    file.size_bytes = blob.size_bytes;
    file.sha256 = blob.sha256;
    file.created_at = job.created_at + std::chrono::seconds(number);
    return file;
  }

  const base::SystemClock clock_;
  base::Logger logger_;
  std::unique_ptr<store::Database> database_;
  blob::BlobStore blobs_;
  std::vector<Tenant> tenants_;
  std::vector<blob::BlobStore::Stored> stored_;
};

void Fill(const std::filesystem::path& folder, const Amounts& amounts) {
  const auto start = std::chrono::steady_clock::now();
  std::int64_t contacts = 0;
  std::int64_t jobs = 0;
  {
    Filler filler(folder);
    filler.MakeTenants(amounts);
    filler.MakeBlobs(amounts.blobs);
    contacts = filler.FillContacts();
    jobs = filler.FillJobs();
    filler.TidySearch();
  }
  const base::UniqueFd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || ::syncfs(opened.get()) != 0) throw std::runtime_error("the store cannot be synced");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("{\"contacts\":%ld,\"jobs\":%ld,\"files\":%ld,\"seconds\":%.3f}\n", static_cast<long>(contacts),
              static_cast<long>(jobs), static_cast<long>(jobs * kFilesPerJob), took.count());
}

int Main(int argc, char** argv) {
  if (argc != 7) {
    std::fputs("usage: fill_scale FOLDER TENANTS CONTACTS CONTACTS_OF_THE_FIRST JOBS BLOBS\n", stderr);
    return 2;
  }
  const auto number = [&](int at) { return static_cast<std::int64_t>(std::stoll(argv[at])); };
  try {
    Fill(argv[1], {.tenants = number(2),
                   .contacts = number(3),
                   .contacts_of_first = number(4),
                   .jobs = number(5),
                   .blobs = number(6)});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fill_scale: %s\n", error.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace portal::bench

int main(int argc, char** argv) { return portal::bench::Main(argc, argv); }
