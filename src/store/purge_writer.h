#pragma once

#include <string_view>

#include "store/contact_writer.h"
#include "store/job_writer.h"
#include "store/ledger.h"
#include "store/purge.h"
#include "store/statement.h"

namespace portal::store {

/// Removes what was deleted long enough ago, within the connection's open transaction. Throws SQLite::Exception.
/// Not thread-safe.
class PurgeWriter {
 public:
  PurgeWriter(sqlite3* db, Ledger& ledger, ContactWriter& contacts, JobWriter& jobs);

  PurgedRows RemoveRows(const PurgeStep& step);
  SearchMerge MergeSearch(SearchTable table, base::WallTime until, std::int64_t pages);
  SearchMerge TidySearch(SearchTable table, base::WallTime now, std::int64_t pages);
  SearchState ReadSearch(SearchTable table);
  PurgeBacklog Backlog();
  OldestDeletion Oldest();
  bool HasBlob(std::span<const unsigned char, 32> sha256);

 private:
  struct Budget {
    std::int64_t left;
    std::int64_t Take(std::int64_t rows) {
      left -= rows;
      return rows;
    }
  };
  struct ReleasedBlob {
    base::TenantId tenant;
    PurgedBlob blob;
    bool counted = false;
  };
  std::vector<ReleasedBlob> FindReleasedBlobs(const PurgeStep& step, std::int64_t most);
  void RemoveReleasedBlobs(const PurgeStep& step, Budget& budget, PurgedRows& done);
  void RemoveTenant(const base::TenantId& tenant, const PurgeStep& step, Budget& budget, PurgedRows& done);
  void RemoveJobs(const base::TenantId& tenant, Budget& budget, PurgedRows& done);
  void RemoveContacts(const base::TenantId& tenant, Budget& budget, PurgedRows& done);
  void RemoveBlobsOf(const base::TenantId& tenant, Budget& budget, PurgedRows& done);
  void NoteUnnamed(const std::vector<PurgedBlob>& released, PurgedRows& done);
  void HastenSearch(base::WallTime until);
  /// False: there is nothing left to merge.
  bool MergeSome(SearchTable table, bool going_on, std::int64_t pages);
  std::optional<base::WallTime> FindOldestBlob(bool counted);
  std::optional<std::int64_t> Number(const char* sql);

  sqlite3* db_;
  Ledger& ledger_;
  ContactWriter& contacts_;
  JobWriter& jobs_;
};

}  // namespace portal::store
