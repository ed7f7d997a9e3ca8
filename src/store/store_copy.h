#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/file.h"

namespace portal::store {

/// What a backup's manifest says of a tenant.
struct TenantFacts {
  std::string slug;
  std::int64_t revision = 0;
  std::int64_t contacts = 0;
  std::int64_t jobs = 0;
  std::int64_t files = 0;
  friend bool operator==(const TenantFacts&, const TenantFacts&) = default;
};

/// What a copy of the database holds.
struct StoreFacts {
  int schema_version = 0;
  std::string epoch;
  std::vector<TenantFacts> tenants;                  ///< by slug, without deleted ones
  std::map<model::ContentHash, std::int64_t> blobs;  ///< what its rows name, with sizes in bytes
};

/// The newest schema that this program knows.
int NewestSchema();

/// A database file that nobody else has open: a backup's, or what becomes a restored store's. All errors are
/// kUnavailable or kStorageFull with a detail that says what is wrong with the file. Not thread-safe.
class StoreCopy {
 public:
  enum class Mode {
    kReadOnly,  ///< nothing is written beside it either: for media that cannot be written
    kChange,
  };
  StoreCopy(std::filesystem::path file, Mode mode) : file_(std::move(file)), mode_(mode) {}

  /// Is it a portal's database of a schema that this program knows, whole, and free of broken references? `stop` is
  /// asked now and then; true ends the check with kUnavailable.
  base::Status Check(const std::function<bool()>& stop) const;
  /// REQUIRES: Check succeeded.
  base::Result<StoreFacts> Facts() const;
  /// Brings the schema to the newest and draws a new epoch, so that nothing a client kept of another store is taken
  /// for this one's; synced. REQUIRES: Mode::kChange, and Check succeeded.
  base::Status PrepareForUse() const;

 private:
  std::filesystem::path file_;
  Mode mode_;
};

}  // namespace portal::store
