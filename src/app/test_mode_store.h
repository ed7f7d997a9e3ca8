#pragma once

#include <filesystem>

#include "base/result.h"
#include "store/database.h"

namespace portal::app {

/// Keeps a copy of a throw-away store, to put it back to that moment: the database, and the names of its blobs.
/// Thread-safe.
class TestModeStore {
 public:
  /// `folder`: the data folder, where the copy goes too. `database` is borrowed. Errors of the store.
  static base::Result<TestModeStore> Remember(store::Database& database, const std::filesystem::path& folder);

  /// All at once, for readers and writers. kUnavailable; kStorageFull.
  base::Status PutBack() const;

 private:
  TestModeStore(store::Database& database, const std::filesystem::path& folder);
  void PutBlobsBack() const;

  store::Database* database_;
  std::filesystem::path copy_;        // of the database
  std::filesystem::path blobs_;       // in use
  std::filesystem::path blob_names_;  // hard links to those that are to stay
};

}  // namespace portal::app
