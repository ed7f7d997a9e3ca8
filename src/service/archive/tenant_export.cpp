#include "service/archive/tenant_export.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/hex.h"
#include "base/json_text.h"
#include "base/version.h"
#include "service/archive/tar_writer.h"
#include "service/import/import_seen_ids.h"
#include "service/rows/row_encode.h"
#include "store/backup_lock.h"

namespace portal::service {
namespace {

using base::Status;

constexpr std::int64_t kRowsPerSnapshot = 10'000;
constexpr std::chrono::seconds kLockWait{10};
constexpr std::size_t kCopyBytes = 256 * 1024;
constexpr std::int64_t kBytesBetweenReports = 8 << 20;

/// As AppendFile, with the job that it belongs to.
void AppendFileOf(std::string_view job_id, const model::FileView& file, std::string& json) {
  json += "{\"job_id\":";
  base::AppendJsonString(job_id, json);
  const std::size_t brace = json.size();
  AppendFile(file, json);
  json[brace] = ',';
}

/// Rows of one kind that were read and are not written yet, in parts as large as entries may be.
class PendingRows {
 public:
  explicit PendingRows(ArchiveRows kind) : kind_(kind) {}

  /// Where the next row goes; its line end is put there.
  template <typename Append>
  void Add(Append append) {
    if (parts_.empty() || rows_in_part_ == kArchiveEntryRows || parts_.back().size() >= kArchiveEntryBytes) {
      parts_.emplace_back();
      rows_in_part_ = 0;
    }
    append(parts_.back());
    parts_.back() += '\n';
    ++rows_in_part_;
    ++rows_;
  }
  /// Writes all of them and adds them to `count`.
  Status WriteTo(TarWriter& tar, std::int64_t& count) {
    for (const std::string& part : parts_) {
      if (auto added = tar.Add(ArchiveRowsName(kind_, ++entries_), part); !added) return added;
    }
    parts_.clear();
    count += std::exchange(rows_, 0);
    return {};
  }

 private:
  const ArchiveRows kind_;
  std::vector<std::string> parts_;
  std::size_t rows_in_part_ = 0;
  std::int64_t rows_ = 0;
  std::int64_t entries_ = 0;
};

class Exporter {
 public:
  Exporter(const model::Tenant& tenant, store::Reader& reader, const blob::BlobStore& blobs, TarWriter& tar,
           base::FunctionRef<void(const TenantArchiveCounts&)> progress)
      : tenant_(tenant), reader_(reader), blobs_(blobs), tar_(tar), progress_(progress) {}

  Status Run(base::WallTime now) {
    const TenantArchiveHead head{.slug = tenant_.slug,
                                 .name = tenant_.name,
                                 .bucket = tenant_.bucket,
                                 .quota_bytes = tenant_.quota_bytes,
                                 .budgets = tenant_.budgets,
                                 .program = std::string(base::kBuild.version),
                                 .made_at = now};
    if (auto added = tar_.Add(std::string(kArchiveHeadName), ToJson(head)); !added) return added;
    for (const auto step : {&Exporter::ReadContacts, &Exporter::ReadJobs, &Exporter::ReadFiles}) {
      for (bool more = true; more;) {
        auto read = ReadBatch(step);
        if (!read) return base::Fail(std::move(read.error()));
        more = *read;
        if (auto written = WriteBatch(); !written) return written;
      }
    }
    if (auto there = CheckTenant(); !there) return there;
    const TenantArchiveEnd end{counts_, tar_.Digest()};
    if (auto added = tar_.Add(std::string(kArchiveEndName), ToJson(end)); !added) return added;
    return tar_.Finish();
  }

  const TenantArchiveCounts& counts() const { return counts_; }

 private:
  struct PendingBlob {
    model::ContentHash sha256{};
    std::int64_t size_bytes = 0;
  };

  /// In a snapshot that ends before anything is written: whoever takes the output may be slow.
  base::Result<bool> ReadBatch(base::Result<bool> (Exporter::*step)()) {
    const auto snapshot = reader_.Begin(/*bounded=*/false);
    if (!snapshot) return base::Fail(snapshot.error());
    auto more = (this->*step)();
    if (more && failure_) return base::Fail(*failure_);
    return more;
  }

  base::Result<bool> ReadContacts() {
    return reader_.walk.Contacts(tenant_.id, last_contact_, kRowsPerSnapshot, [&](const model::ContactView& contact) {
      if (IsNew(seen_contacts_, contact.id)) AddContact(contact);
    });
  }
  base::Result<bool> ReadJobs() {
    return reader_.walk.Jobs(tenant_.id, last_job_, kRowsPerSnapshot, [&](const model::JobView& job) {
      if (IsNew(seen_jobs_, job.id)) AddJob(job);
    });
  }
  base::Result<bool> ReadFiles() {
    return reader_.walk.Files(tenant_.id, last_job_of_files_, kRowsPerSnapshot,
                              [&](std::string_view job_id, const model::FileView& file) { AddFile(job_id, file); });
  }

  /// Is this the first time that the export meets the id?
  static bool IsNew(ImportSeenIds& seen, std::string_view id) { return seen.Note(id, /*line=*/1) == 0; }

  void AddContact(const model::ContactView& contact) {
    contacts_.Add([&](std::string& json) { AppendContact(contact, json); });
  }

  /// Its contact may have come behind the walk of the contacts. In the job's own snapshot it is there.
  void AddJob(const model::JobView& job) {
    if (job.contact_id && IsNew(seen_contacts_, *job.contact_id)) {
      Expect(reader_.contacts.Find(tenant_.id, *job.contact_id,
                                   [&](const model::ContactView& contact) { AddContact(contact); }));
    }
    jobs_.Add([&](std::string& json) { AppendJob(job, json); });
  }

  /// As AddJob, for its job.
  void AddFile(std::string_view job_id, const model::FileView& file) {
    if (IsNew(seen_jobs_, job_id)) {
      Expect(reader_.jobs.Find(tenant_.id, job_id, [&](const model::JobView& job) { AddJob(job); }));
    }
    const std::string_view bytes(reinterpret_cast<const char*>(file.sha256.data()), file.sha256.size());
    if (IsNew(seen_blobs_, bytes)) {
      PendingBlob& blob = pending_blobs_.emplace_back();
      std::ranges::copy(file.sha256, blob.sha256.begin());
      blob.size_bytes = file.size_bytes;
    }
    files_.Add([&](std::string& json) { AppendFileOf(job_id, file, json); });
  }

  void Expect(Status found) {
    if (!found && !failure_) failure_ = std::move(found.error());
  }

  /// In the order in which an import needs them.
  Status WriteBatch() {
    if (auto written = contacts_.WriteTo(tar_, counts_.contacts); !written) return written;
    if (auto written = jobs_.WriteTo(tar_, counts_.jobs); !written) return written;
    for (const PendingBlob& blob : pending_blobs_) {
      if (auto written = WriteBlob(blob); !written) return written;
    }
    pending_blobs_.clear();
    if (auto written = files_.WriteTo(tar_, counts_.files); !written) return written;
    progress_(counts_);
    return {};
  }

  Status WriteBlob(const PendingBlob& blob) {
    const auto opened = blobs_.Open(blob.sha256);
    if (!opened && opened.error().code != base::ErrorCode::kNotFound) return base::Fail(opened.error());
    if (!opened) return Damaged(blob, "is missing");
    if (opened->size_bytes != blob.size_bytes) return Damaged(blob, "has another size");
    if (auto begun = tar_.Begin({ArchiveBlobName(blob.sha256), static_cast<std::uint64_t>(blob.size_bytes)}); !begun) {
      return begun;
    }
    std::int64_t left = blob.size_bytes;
    std::int64_t unreported = 0;
    while (left > 0) {
      const ssize_t got = ::read(opened->fd.get(), buffer_.data(), buffer_.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Damaged(blob, std::strerror(errno));
      if (got == 0 || got > left) return Damaged(blob, "has another size");
      const std::span<const std::byte> bytes(buffer_.data(), static_cast<std::size_t>(got));
      hash_.Update(bytes);
      if (auto written = tar_.Write(bytes); !written) return written;
      left -= got;
      unreported += got;
      counts_.blob_bytes += got;
      if (unreported < kBytesBetweenReports) continue;
      unreported = 0;
      progress_(counts_);
    }
    if (hash_.Finish() != blob.sha256) return Damaged(blob, "has other bytes than its name says");
    ++counts_.blobs;
    return tar_.End();
  }

  static Status Damaged(const PendingBlob& blob, const std::string& what) {
    return base::Fail(base::ErrorCode::kUnavailable,
                      "the blob " + base::ToHex(blob.sha256) + " " + what +
                          "; `portal-appliance verify --deep` tells which files need it");
  }

  /// A tenant that is deleted loses its rows step by step: what is left of them is no export.
  Status CheckTenant() {
    const auto tenant = reader_.tenants.FindBySlug(tenant_.slug);
    if (!tenant) return base::Fail(tenant.error());
    if (tenant->id == tenant_.id) return {};
    return base::Fail(base::ErrorCode::kNotFound, "the tenant \"" + tenant_.slug + "\" was deleted meanwhile");
  }

  const model::Tenant& tenant_;
  store::Reader& reader_;
  const blob::BlobStore& blobs_;
  TarWriter& tar_;
  base::FunctionRef<void(const TenantArchiveCounts&)> progress_;
  TenantArchiveCounts counts_;

  base::ContactId last_contact_;
  base::JobId last_job_;
  base::JobId last_job_of_files_;
  ImportSeenIds seen_contacts_;
  ImportSeenIds seen_jobs_;
  ImportSeenIds seen_blobs_;
  PendingRows contacts_{ArchiveRows::kContacts};
  PendingRows jobs_{ArchiveRows::kJobs};
  PendingRows files_{ArchiveRows::kFiles};
  std::vector<PendingBlob> pending_blobs_;
  std::optional<base::Error> failure_;  // of a look-up within a walk

  crypto::Sha256Stream hash_;
  std::vector<std::byte> buffer_ = std::vector<std::byte>(kCopyBytes);
};

}  // namespace

base::Result<TenantArchiveCounts> ExportTenant(const model::Tenant& tenant, store::Reader& reader,
                                               const blob::BlobStore& blobs, const std::filesystem::path& data_folder,
                                               const base::Clock& clock, int output_fd,
                                               base::FunctionRef<void(const TenantArchiveCounts&)> progress) {
  const auto kept = store::BackupLock::KeepBlobs(data_folder, kLockWait);
  if (!kept) return base::Fail(kept.error());
  const base::WallTime now = clock.Wall();
  TarWriter tar(output_fd, now);
  Exporter exporter(tenant, reader, blobs, tar, progress);
  if (auto done = exporter.Run(now); !done) return base::Fail(std::move(done.error()));
  return exporter.counts();
}

}  // namespace portal::service
