#include "service/archive/tenant_import.h"

#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>
#include <vector>

#include "base/durable.h"
#include "base/unique_fd.h"
#include "service/archive/tar_reader.h"
#include "service/import/import.h"
#include "service/import/import_rows.h"
#include "store/backup_lock.h"
#include "store/writer.h"

namespace portal::service {
namespace {

using base::ErrorCode;
using base::Fail;
using base::Status;

constexpr std::chrono::seconds kLockWait{10};
constexpr std::uint64_t kMaxDocumentBytes = 64 << 10;
constexpr std::uint64_t kMaxRowsBytes = kArchiveEntryBytes + kMaxRecordBytes;
// Each keeps a descriptor open until its transaction.
constexpr std::size_t kStagedAtOnce = 64;
constexpr std::uint64_t kBytesBetweenReports = 8 << 20;
constexpr int kPauseMs = 1'000;

constexpr std::array<ImportKind, 3> kImportKinds = {ImportKind::kContacts, ImportKind::kJobs, ImportKind::kFiles};

/// Text as a file that is read from its beginning, for the importer.
base::Result<base::UniqueFd> AsFile(std::string_view text) {
  base::UniqueFd fd(::memfd_create("rows", MFD_CLOEXEC));
  if (!fd || !base::WriteFully(fd.get(), std::as_bytes(std::span(text))) || ::lseek(fd.get(), 0, SEEK_SET) != 0) {
    return Fail(ErrorCode::kUnavailable, std::string("rows cannot be kept in memory: ") + std::strerror(errno));
  }
  return fd;
}

class TenantImporter {
 public:
  TenantImporter(int input_fd, int stop_fd, store::Database& database, const blob::BlobStore& blobs,
                 const base::Clock& clock, base::FunctionRef<void(std::uint64_t, const TenantArchiveCounts&)> progress)
      : input_fd_(input_fd),
        stop_fd_(stop_fd),
        database_(database),
        writer_(database.writer()),
        blobs_(blobs),
        clock_(clock),
        progress_(progress) {}

  base::Result<TenantArchiveHead> ReadHead() {
    auto entry = tar_.Next();
    if (!entry) return Fail(std::move(entry.error()));
    if (!*entry || (*entry)->name != kArchiveHeadName) {
      return Fail(ErrorCode::kValidation, "no " + std::string(kArchiveHeadName) + " at its beginning");
    }
    const auto json = tar_.ReadAll(kMaxDocumentBytes);
    if (!json) return Fail(json.error());
    return ParseArchiveHead(*json);
  }

  Status Create(const TenantImportOptions& options, const TenantArchiveHead& head) {
    const std::string bucket = options.bucket.empty() ? "portal-files-" + options.slug : options.bucket;
    return writer_.Write([&](store::WriteTransaction& transaction) -> Status {
      auto tenant = transaction.CreateTenant(options.slug, head.name, bucket);
      if (!tenant) return Fail(std::move(tenant.error()));
      tenant_ = tenant->id;
      if (auto set = transaction.SetBudgets(tenant_, model::BudgetChange::To(head.budgets)); !set) return set;
      return transaction.ChangeTenant(tenant_, {.suspended = true, .importing = true});
    });
  }

  Status ReadEntries() {
    for (;;) {
      auto entry = tar_.Next();
      if (!entry) return Fail(std::move(entry.error()));
      if (!*entry) return Fail(ErrorCode::kValidation, "no " + std::string(kArchiveEndName) + ": it is not whole");
      if ((*entry)->name == kArchiveEndName) return ReadEnd();
      if (auto read = ReadEntry(**entry); !read) return read;
      progress_(tar_.bytes_read(), counts_);
    }
  }

  /// From now on the tenant can be used.
  Status Release(const TenantArchiveHead& head) {
    return writer_.Write([&](store::WriteTransaction& transaction) {
      return transaction.ChangeTenant(tenant_,
                                      {.suspended = false, .quota_bytes = head.quota_bytes, .importing = false});
    });
  }

  Status Remove() {
    return writer_.Write([&](store::WriteTransaction& transaction) { return transaction.DeleteTenant(tenant_); });
  }

  const TenantArchiveCounts& counts() const { return counts_; }

 private:
  Status ReadEntry(const TarEntry& entry) {
    if (const auto sha256 = ParseArchiveBlobName(entry.name)) return ReadBlob(entry, *sha256);
    const auto kind = ParseArchiveRowsName(entry.name);
    if (kind && entry.name == ArchiveRowsName(*kind, entries_[static_cast<std::size_t>(*kind)] + 1)) {
      ++entries_[static_cast<std::size_t>(*kind)];
      return ReadRows(entry, *kind);
    }
    return Fail(ErrorCode::kValidation, entry.name + ": no entry that an export has at this place");
  }

  Status ReadBlob(const TarEntry& entry, const model::ContentHash& sha256) {
    auto staging = blobs_.Stage();
    if (!staging) return Fail(std::move(staging.error()));
    std::uint64_t unreported = 0;
    for (;;) {
      const auto bytes = tar_.Read();
      if (!bytes) return Fail(bytes.error());
      if (bytes->empty()) break;
      if (auto appended = staging->Append(*bytes); !appended) return appended;
      counts_.blob_bytes += static_cast<std::int64_t>(bytes->size());
      unreported += bytes->size();
      if (unreported < kBytesBetweenReports) continue;
      unreported = 0;
      progress_(tar_.bytes_read(), counts_);
    }
    auto staged = std::move(*staging).Finish();
    if (!staged) return Fail(std::move(staged.error()));
    if (staged->sha256() != sha256) {
      return Fail(ErrorCode::kValidation, entry.name + ": its bytes are not those that its name says");
    }
    staged_.push_back(std::move(*staged));
    ++counts_.blobs;
    return staged_.size() < kStagedAtOnce ? Status{} : PublishBlobs();
  }

  Status PublishBlobs() {
    if (staged_.empty()) return {};
    auto published = writer_.Write([&](store::WriteTransaction& transaction) -> Status {
      for (blob::StagedBlob& staged : staged_) {
        if (auto kept = blobs_.Publish(staged); !kept) return kept;
        if (auto held = transaction.HoldBlob(tenant_, staged.sha256(), staged.size_bytes()); !held) return held;
      }
      return {};
    });
    staged_.clear();
    return published;
  }

  Status ReadRows(const TarEntry& entry, ArchiveRows kind) {
    const auto text = tar_.ReadAll(kMaxRowsBytes);
    if (!text) return Fail(text.error());
    if (auto published = PublishBlobs(); !published) return published;  // those that these rows name
    const auto fd = AsFile(*text);
    if (!fd) return Fail(fd.error());
    ImportSource source(fd->get());
    ImportOptions options;
    options.kind = kImportKinds[static_cast<std::size_t>(kind)];
    options.format = ImportFormat::kNdjson;
    const ImportSummary summary = Import(source, options, tenant_, database_, clock_, [](const ImportSummary&) {});
    if (summary.failure) return Fail(*summary.failure);
    if (!summary.bad_rows.empty()) {
      const BadRow& bad = summary.bad_rows.front();
      return Fail(ErrorCode::kValidation,
                  entry.name + ":" + std::to_string(bad.line) + ":" + std::to_string(bad.column) + ": " + bad.message);
    }
    if (summary.inserted != summary.written()) {
      return Fail(ErrorCode::kValidation, entry.name + ": has a row that was there before");
    }
    std::int64_t TenantArchiveCounts::*const counts[] = {&TenantArchiveCounts::contacts, &TenantArchiveCounts::jobs,
                                                         &TenantArchiveCounts::files};
    counts_.*counts[static_cast<std::size_t>(kind)] += static_cast<std::int64_t>(summary.inserted);
    return {};
  }

  Status ReadEnd() {
    const crypto::Sha256Digest digest = tar_.DigestBeforeEntry();
    const auto json = tar_.ReadAll(kMaxDocumentBytes);
    if (!json) return Fail(json.error());
    const auto end = ParseArchiveEnd(*json);
    if (!end) return Fail(end.error());
    const auto behind = tar_.Next();
    if (!behind) return Fail(behind.error());
    if (*behind) {
      return Fail(ErrorCode::kValidation, (*behind)->name + ": nothing may follow " + std::string(kArchiveEndName));
    }
    if (*end != TenantArchiveEnd{counts_, digest}) {
      return Fail(ErrorCode::kValidation, std::string(kArchiveEndName) + ": says that other things came before it");
    }
    return PublishBlobs();
  }

  /// Blobs that wait for rows are published when the input pauses: a purge takes staged ones that nobody touches for
  /// abandoned.
  Status AwaitInput() {
    for (;;) {
      pollfd polled[] = {{input_fd_, POLLIN, 0}, {stop_fd_, POLLIN, 0}};
      const int ready = ::poll(polled, std::size(polled), staged_.empty() ? -1 : kPauseMs);
      if (ready < 0 && errno == EINTR) continue;
      if (ready > 0 && polled[1].revents != 0) return Fail(ErrorCode::kUnavailable, "Stopped before the end");
      if (ready != 0) return {};  // what is wrong with the input its reader will tell
      if (auto published = PublishBlobs(); !published) return published;
    }
  }

  const int input_fd_;
  const int stop_fd_;
  TarReader tar_{input_fd_, [this] { return AwaitInput(); }};
  store::Database& database_;
  store::Writer& writer_;
  const blob::BlobStore& blobs_;
  const base::Clock& clock_;
  base::FunctionRef<void(std::uint64_t, const TenantArchiveCounts&)> progress_;
  base::TenantId tenant_;
  TenantArchiveCounts counts_;
  std::array<std::int64_t, 3> entries_{};  // of each kind of rows, so far
  std::vector<blob::StagedBlob> staged_;
};

}  // namespace

base::Result<TenantArchiveCounts> ImportTenant(
    int input_fd, const TenantImportOptions& options, store::Database& database, const blob::BlobStore& blobs,
    const std::filesystem::path& data_folder, const base::Clock& clock,
    base::FunctionRef<void(std::uint64_t bytes_read, const TenantArchiveCounts&)> progress) {
  TenantImporter importer(input_fd, options.stop_fd, database, blobs, clock, progress);
  const auto head = importer.ReadHead();
  if (!head) return Fail(head.error());
  // Blobs come before the rows that name them.
  const auto kept = store::BackupLock::KeepBlobs(data_folder, kLockWait);
  if (!kept) return Fail(kept.error());
  if (auto created = importer.Create(options, *head); !created) return Fail(std::move(created.error()));
  Status done = importer.ReadEntries();
  if (done) done = importer.Release(*head);
  if (done) return importer.counts();
  if (auto removed = importer.Remove(); !removed) {
    done.error().detail += ". What is in of the tenant \"" + options.slug +
                           "\" could not be removed; it is suspended. Remove it with: portal-appliance tenant delete " +
                           options.slug + " --confirm";
  }
  return Fail(std::move(done.error()));
}

}  // namespace portal::service
