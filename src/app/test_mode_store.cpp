#include "app/test_mode_store.h"

#include <system_error>
#include <vector>

#include "store/backup.h"

namespace portal::app {
namespace {

namespace fs = std::filesystem;

/// Below `folder`, `ab/cdef…`, without what is still being written.
std::vector<fs::path> BlobsIn(const fs::path& folder) {
  std::vector<fs::path> blobs;
  std::error_code gone;
  for (fs::recursive_directory_iterator at(folder, gone); at != fs::end(at); at.increment(gone)) {
    if (at->path().filename() == "tmp" && at.depth() == 0) {
      at.disable_recursion_pending();
    } else if (at->is_regular_file(gone)) {
      blobs.push_back(at->path().lexically_relative(folder));
    }
  }
  return blobs;
}

void Link(const fs::path& from, const fs::path& to) {
  if (fs::exists(to)) return;
  fs::create_directories(to.parent_path());
  fs::create_hard_link(from, to);
}

/// The file system's exceptions are expected here.
template <typename Work>
base::Status CatchFilesystem(Work work) {
  try {
    work();
    return {};
  } catch (const fs::filesystem_error& error) {
    return base::Fail(base::ErrorCode::kUnavailable, "The test's store cannot be copied: " + error.code().message(),
                      error.what());
  }
}

}  // namespace

TestModeStore::TestModeStore(store::Database& database, const fs::path& folder)
    : database_(&database), copy_(folder / "reset.db"), blobs_(folder / "blobs"), blob_names_(folder / "reset-blobs") {}

base::Result<TestModeStore> TestModeStore::Remember(store::Database& database, const fs::path& folder) {
  TestModeStore store(database, folder);
  store::CopyOptions copying;
  copying.data_folder = folder;
  copying.target = store.copy_;
  if (auto copied = store::CopyDatabase(copying); !copied) return base::Fail(std::move(copied).error());
  const base::Status linked = CatchFilesystem([&] {
    for (const fs::path& blob : BlobsIn(store.blobs_)) Link(store.blobs_ / blob, store.blob_names_ / blob);
  });
  if (!linked) return base::Fail(linked.error());
  return store;
}

base::Status TestModeStore::PutBack() const {
  base::Status blobs;
  const base::Status rows = database_->Rewind(copy_, [&] { blobs = CatchFilesystem([this] { PutBlobsBack(); }); });
  return rows ? blobs : rows;
}

void TestModeStore::PutBlobsBack() const {
  for (const fs::path& blob : BlobsIn(blobs_)) {
    if (!fs::exists(blob_names_ / blob)) fs::remove(blobs_ / blob);
  }
  for (const fs::path& blob : BlobsIn(blob_names_)) Link(blob_names_ / blob, blobs_ / blob);
}

}  // namespace portal::app
