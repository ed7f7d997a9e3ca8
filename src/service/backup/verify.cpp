#include "service/backup/verify.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/hex.h"
#include "blob/blob_store.h"
#include "service/backup/backup_layout.h"
#include "service/backup/blob_copy.h"
#include "service/backup/folder_entries.h"
#include "store/backup_lock.h"

namespace portal::service {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::Fail;

constexpr std::chrono::seconds kPurgeWait{30};
constexpr std::chrono::hours kYoung{1};

class Verification {
 public:
  Verification(const VerifyOptions& options, const base::Clock& clock, store::StoreCheck& check)
      : options_(options), clock_(clock), check_(check) {}

  base::Result<VerifyReport> Run() {
    if (auto done = Take("the database", &store::StoreCheck::CheckDatabase); !done) return Fail(done.error());
    // Nothing that is counted over damaged tables is true.
    if (!report_.findings.empty()) return std::move(report_);
    if (auto done = Take("the counters", &store::StoreCheck::CheckCounters); !done) return Fail(done.error());
    report_.tenants = check_.tenants();
    if (auto done = CheckSearch(); !done) return Fail(done.error());
    if (auto done = CheckBlobs(); !done) return Fail(done.error());
    return std::move(report_);
  }

 private:
  using Orphans = std::vector<model::ContentHash>;

  base::Status Take(const char* what, base::Result<store::Findings> (store::StoreCheck::*step)()) {
    options_.progress(what, 0, 0);
    return Keep((check_.*step)());
  }

  base::Status CheckSearch() {
    const char* what = "the search words";
    options_.progress(what, 0, 0);
    std::int64_t repaired = 0;
    return Keep(check_.CheckSearch([&](std::int64_t rows) {
      repaired += rows;
      options_.progress(what, repaired, 0);
    }));
  }

  base::Status Keep(base::Result<store::Findings> findings) {
    if (!findings) return Fail(std::move(findings.error()));
    std::ranges::move(*findings, std::back_inserter(report_.findings));
    return {};
  }

  void Complain(std::string what, bool fixed = false) { report_.findings.push_back({std::move(what), fixed}); }

  base::Status CheckBlobs() {
    Orphans orphans;
    {
      // What was named when the rows were read stays until it was looked at.
      const auto lock = store::BackupLock::KeepBlobs(options_.data_folder, kPurgeWait);
      if (!lock) return Fail(lock.error());
      // Files first: whatever is committed between the two looks is named, and no orphan.
      auto found = FindOldFiles();
      if (!found) return Fail(found.error());
      const auto named = check_.NamedBlobs();
      if (!named) return Fail(named.error());
      if (auto done = CheckNamed(*named); !done) return done;
      std::ranges::copy_if(*found, std::back_inserter(orphans),
                           [&](const auto& sha256) { return !named->contains(sha256); });
    }
    return TellOrphans(orphans);
  }

  /// Only reads: a blob store that is opened makes its folders and tidies up.
  base::Result<Orphans> FindOldFiles() {
    Orphans files;
    const auto counted = ForEachOldFile(blobs_ / "tmp", [&](const fs::path&) { ++leftovers_; });
    if (!counted) return Fail(counted.error());
    for (int first_byte = 0; first_byte < 256; ++first_byte) {
      const auto byte = static_cast<unsigned char>(first_byte);
      const std::string shard = base::ToHex(std::span(&byte, 1));
      const auto listed = ForEachOldFile(blobs_ / shard, [&](const fs::path& file) {
        model::ContentHash sha256{};
        if (base::FromHex(shard + file.filename().string(), sha256) && BlobPlace(blobs_, sha256) == file) {
          files.push_back(sha256);
        }
      });
      if (!listed) return Fail(listed.error());
    }
    return files;
  }

  /// Files that nobody is about to name any more; none where there is no such folder.
  base::Status ForEachOldFile(const fs::path& folder, base::FunctionRef<void(const fs::path&)> each) const {
    const std::error_code failed = ForEachEntry(folder, [&](const fs::directory_entry& entry) {
      struct stat info {};
      if (::lstat(entry.path().c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return;
      if (std::chrono::sys_seconds(std::chrono::seconds(info.st_mtime)) < clock_.Wall() - kYoung) each(entry.path());
    });
    if (!failed || failed == std::errc::no_such_file_or_directory) return {};
    return Fail(ErrorCode::kUnavailable, "The folder of the files cannot be read; check the disk",
                "list " + folder.string() + ": " + failed.message());
  }

  base::Status CheckNamed(const std::map<model::ContentHash, std::int64_t>& named) {
    std::int64_t total = 0;
    for (const auto& [hash, size] : named) total += size;
    for (const auto& [hash, size] : named) {
      ++report_.blobs;
      if (auto done = CheckOne(hash, size); !done) return done;
      report_.blob_bytes += size;
      options_.progress("the files", report_.blob_bytes, total);
    }
    return {};
  }

  base::Status CheckOne(const model::ContentHash& hash, std::int64_t size) {
    const fs::path file = BlobPlace(blobs_, hash);
    const std::string name = "blob " + base::ToHex(hash);
    struct stat info {};
    if (::lstat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
      Complain(name + " is missing: its files cannot be downloaded; restore a backup, or put the file again");
      return {};
    }
    if (info.st_size != size) {
      Complain(name + " has " + std::to_string(info.st_size) + " bytes instead of " + std::to_string(size) +
               "; restore a backup, or remove it and put the file again");
      return {};
    }
    if (!options_.deep) return {};
    const auto fd = OpenForReading(file);
    const auto hashed = fd ? HashFile(fd->get(), file, [](std::int64_t) { return false; }) : Fail(fd.error());
    if (!hashed) {
      Complain(name + " cannot be read: " + hashed.error().detail);
    } else if (hashed->sha256 != hash) {
      Complain(name +
               " has other bytes than it was stored with; restore a backup, or remove it and put the file again");
    }
    return {};
  }

  base::Status TellOrphans(const Orphans& orphans) {
    report_.orphans = static_cast<std::int64_t>(orphans.size() + leftovers_);
    if (auto told = TellLeftovers(); !told || orphans.empty()) return told;
    const std::string what = std::to_string(orphans.size()) + " blobs are named by nobody and take space";
    if (!options_.fix) {
      Complain(what);
      return {};
    }
    const auto removed = RemoveOrphans(orphans);
    if (!removed) return Fail(removed.error());
    Complain(*removed ? what : what + "; a backup or an export needs the files just now, so they stay", *removed);
    return {};
  }

  base::Status TellLeftovers() {
    if (leftovers_ == 0) return {};
    if (options_.fix) {
      // Opening it removes what has been silent for an hour.
      if (auto opened = blob::BlobStore::Open(blobs_, blob::BlobStore::Sync::kYes); !opened)
        return Fail(opened.error());
    }
    Complain(std::to_string(leftovers_) + " leftovers of uploads that were cut off take space", options_.fix);
    return {};
  }

  /// False: somebody needs them.
  base::Result<bool> RemoveOrphans(const Orphans& orphans) {
    const auto lock = store::BackupLock::RemoveBlobs(options_.data_folder);
    if (!lock && lock.error().code == ErrorCode::kConflict) return false;
    if (!lock) return Fail(lock.error());
    const auto blobs = blob::BlobStore::Open(blobs_, blob::BlobStore::Sync::kYes);
    if (!blobs) return Fail(blobs.error());
    for (const model::ContentHash& orphan : orphans) {
      const auto removed = check_.RemoveUnnamed(orphan, [&]() -> base::Status {
        if (auto gone = blobs->Remove(orphan); !gone) return Fail(gone.error());
        return {};
      });
      if (!removed) return Fail(removed.error());
    }
    return true;
  }

  const VerifyOptions& options_;
  const base::Clock& clock_;
  store::StoreCheck& check_;
  const fs::path blobs_ = options_.data_folder / kBackupBlobs;
  std::size_t leftovers_ = 0;  // of uploads that were cut off
  VerifyReport report_;
};

}  // namespace

bool VerifyReport::ok() const { return std::ranges::all_of(findings, &store::Finding::fixed); }

base::Result<VerifyReport> Verify(const VerifyOptions& options, const base::Clock& clock) {
  const auto check = store::StoreCheck::Open(options.data_folder,
                                             options.fix ? store::StoreCheck::Fix::kYes : store::StoreCheck::Fix::kNo);
  if (!check) return Fail(check.error());
  return Verification(options, clock, **check).Run();
}

}  // namespace portal::service
