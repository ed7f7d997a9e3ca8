#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "store/check.h"

namespace portal::service {

struct VerifyOptions {
  std::filesystem::path data_folder;
  bool deep = false;  ///< hash every blob
  bool fix = false;
  /// Called now and then with what is being looked at, and how much of it is done.
  std::function<void(const std::string& what, std::int64_t done, std::int64_t total)> progress =
      [](const std::string&, std::int64_t, std::int64_t) {};
};

struct VerifyReport {
  store::Findings findings;
  std::int64_t tenants = 0;
  std::int64_t blobs = 0;
  std::int64_t blob_bytes = 0;
  std::int64_t orphans = 0;  ///< blobs and leftovers that nobody names

  /// Is nothing wrong that was not put right?
  bool ok() const;
};

/// Looks at all of a data folder, in use or not: the database's structure and references, its counters and search
/// words, and that its blobs and the files in `blobs/` are the same ones. Files that nobody names count as orphans once
/// they are an hour old: younger ones may be on their way in. Without `fix` nothing is written. `fix` counts anew,
/// repairs search, and removes orphans; it never deletes a row, and lost bytes stay lost. kUnavailable where the
/// database cannot be read at all; kStorageFull.
base::Result<VerifyReport> Verify(const VerifyOptions& options, const base::Clock& clock);

}  // namespace portal::service
