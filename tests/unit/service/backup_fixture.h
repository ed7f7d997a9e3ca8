#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "base/hex.h"
#include "blob/blob_store.h"
#include "service/backup/backup.h"
#include "service/backup/backup_layout.h"
#include "service/backup/restore.h"
#include "unit/store/store_fixture.h"

namespace portal::service::testing {

namespace fs = std::filesystem;
using store::testing::ContactUuid;
using store::testing::JobIdOf;
using store::testing::MakeContact;
using store::testing::MakeFile;
using store::testing::MakeJob;

inline std::string ReadText(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
inline void WriteText(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

/// Everything below a folder, by its path from there.
inline std::set<std::string> Below(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    names.insert(fs::relative(entry.path(), folder).string());
  }
  return names;
}

/// A store in use, with a tenant that has contacts, a job and two files, and a place for backups.
class BackupTest : public store::testing::StoreTest {
 protected:
  BackupTest() : blobs_(*blob::BlobStore::Open(data() / "blobs", blob::BlobStore::Sync::kNo)) {
    PutContacts(acme_, {MakeContact(1, "Ada Lovelace"), MakeContact(2, "Grace Hopper")});
    PutJobs(acme_, {MakeJob(1, "Roof replacement")});
    first_ = PutFileOf(1, "plan.pdf", "the plan's bytes");
    second_ = PutFileOf(2, "photo.png", "the photo's bytes");
  }

  const fs::path& data() const { return folder_.path(); }
  fs::path destination() const { return elsewhere_.path() / "backups"; }
  fs::path target() const { return elsewhere_.path() / "restored"; }
  fs::path BlobFile(const fs::path& folder, const model::ContentHash& hash) const {
    return BlobPlace(folder / kBackupBlobs, hash);
  }

  model::ContentHash PutFileOf(std::int64_t number, std::string name, std::string_view content) {
    const auto stored = *blobs_.Put(content);
    model::File file = MakeFile(1, number, std::move(name));
    file.sha256 = stored.sha256;
    file.size_bytes = stored.size_bytes;
    PutFiles(acme_, {file});
    return stored.sha256;
  }

  static constexpr const char* kSecret = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
  void PutKeys() const {
    fs::create_directories(data() / "keys");
    WriteText(data() / "keys" / "signing.json",
              std::string("{\"version\": 1, \"keys\": [{\"id\": \"key_1\", \"secret\": \"") + kSecret +
                  "\", \"created_at\": \"2025-09-01T10:15:00.000Z\"}]}\n");
  }

  BackupOptions Options() const {
    BackupOptions options;
    options.data_folder = data();
    options.destination = destination();
    return options;
  }
  BackupReport MustBackUp(const BackupOptions& options) const {
    auto made = MakeBackup(options, clock_);
    EXPECT_TRUE(made) << made.error().detail << ": " << made.error().internal;
    return made ? std::move(*made) : BackupReport{};
  }
  BackupReport MustBackUp() const { return MustBackUp(Options()); }

  RestoreOptions From(const fs::path& backup) const {
    RestoreOptions options;
    options.source = backup;
    options.target = target();
    return options;
  }

  /// A new store from a folder that nobody else has open.
  std::unique_ptr<store::Database> OpenStore(const fs::path& folder) {
    auto opened = store::Database::Open({.folder = folder, .create = false}, clock_, logger_);
    EXPECT_TRUE(opened) << opened.error().detail << ": " << opened.error().internal;
    return opened ? std::move(*opened) : nullptr;
  }

  portal::testing::TempFolder elsewhere_;
  blob::BlobStore blobs_;
  model::ContentHash first_{};
  model::ContentHash second_{};
};

}  // namespace portal::service::testing
