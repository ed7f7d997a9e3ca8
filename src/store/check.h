#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/function_ref.h"
#include "base/result.h"
#include "model/file.h"

namespace portal::store {

/// Something that is not as it must be, in a sentence.
struct Finding {
  std::string what;
  bool fixed = false;
};
using Findings = std::vector<Finding>;

/// Looks for damage in a store that may be in use, over connections of its own, and repairs what can be recomputed:
/// no row is ever deleted. Snapshots of one table's structure, or of one counter or one search table of a tenant; one
/// that keeps the write-ahead log from being emptied for too long is given up (WalAllowance). Repairs are transactions
/// under the write lock, of search a thousand rows each. All calls fail with kUnavailable where the database cannot be
/// read at all, and kStorageFull. Not thread-safe.
class StoreCheck {
 public:
  enum class Fix : std::uint8_t { kNo, kYes };
  /// kUnavailable: there is no database that this program can read; it is not upgraded.
  static base::Result<std::unique_ptr<StoreCheck>> Open(const std::filesystem::path& data_folder, Fix fix);
  ~StoreCheck();
  StoreCheck(const StoreCheck&) = delete;

  /// Tables and indexes: are they as the program made them, is every page sound, is every named row there? What is
  /// found here cannot be repaired, and nothing else should be looked at.
  base::Result<Findings> CheckDatabase();
  /// Everything that is counted: rows and bytes of tenants, files of jobs and of blobs.
  base::Result<Findings> CheckCounters();
  /// Does search find every row by its words, and nothing else? `repaired` is called after each transaction of a repair
  /// with how many rows it was about; no lock is held.
  base::Result<Findings> CheckSearch(base::FunctionRef<void(std::int64_t rows)> repaired);

  std::int64_t tenants() const;

  /// What rows name, with sizes in bytes.
  base::Result<std::map<model::ContentHash, std::int64_t>> NamedBlobs();
  /// Runs `remove` under the write lock if no row names the blob by then. False: one does.
  base::Result<bool> RemoveUnnamed(const model::ContentHash& sha256, base::FunctionRef<base::Status()> remove);

 private:
  struct Parts;
  explicit StoreCheck(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace portal::store
