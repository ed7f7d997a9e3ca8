#pragma once

#include <SQLiteCpp/Database.h>
#include <sys/types.h>

#include <filesystem>

#include "base/mutex.h"
#include "base/result.h"
#include "store/injected_fault.h"
#include "store/statement.h"

namespace portal::store {

/// Asks whether the database can still be read, over a connection of its own. Thread-safe.
class FileProbe {
 public:
  /// `faults`: borrowed; null but in test mode.
  FileProbe(SQLite::Database db, std::filesystem::path file, const InjectedFaults* faults);

  /// kUnavailable: the file is gone, another one has its name, or it cannot be read.
  base::Status Run();

 private:
  base::Status Read() REQUIRES(mu_);

  const std::filesystem::path file_;
  const InjectedFaults* const faults_;
  const dev_t device_;
  const ino_t inode_;
  base::Mutex mu_;
  SQLite::Database db_ GUARDED_BY(mu_);
  LazyStatement read_ GUARDED_BY(mu_);
};

}  // namespace portal::store
