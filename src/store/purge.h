#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "model/file.h"

namespace portal::store {

/// What one step of a purge may do.
struct PurgeStep {
  base::WallTime until;          ///< what was deleted by then is due
  base::WallTime uploads_until;  ///< so are blobs that were uploaded by then and that no file has named since
  std::int64_t most = 2000;      ///< rows
  bool blobs = true;             ///< false: blobs and the tenants that have some are left alone
};

struct PurgedBlob {
  model::ContentHash sha256;
  std::int64_t size_bytes = 0;
};

/// Rows that are gone for good.
struct PurgedRows {
  std::int64_t tenants = 0;
  std::int64_t contacts = 0;
  std::int64_t jobs = 0;
  std::int64_t files = 0;
  std::int64_t blobs = 0;           ///< that a tenant had and no file of it named
  std::vector<PurgedBlob> unnamed;  ///< no tenant has them any more: their bytes may go once this is committed
  bool more = false;                ///< the step ended before the work did
  bool blobs_wait = false;          ///< only that is left which needs PurgeStep::blobs
};

/// One of the two tables of words. FTS5 keeps the words of a deleted row until the segments that hold them are merged.
enum class SearchTable : std::uint8_t { kContacts, kJobs };
enum class SearchMerge : std::uint8_t { kNothingDue, kGoesOn, kDone };

/// The segments of a search table: each search looks into all of them.
struct SearchSegments {
  std::int64_t count = 0;
  std::int64_t pages = 0;
  std::int64_t pages_of_largest = 0;
  std::int64_t pages_written = 0;  ///< by changes, ever: it stands still while nobody writes
};

/// A search table, for whoever decides whether its segments are worth merging.
struct SearchState {
  SearchSegments segments;
  bool tidying = false;                     ///< a merge of all is on its way
  std::optional<base::WallTime> tidied_at;  ///< when the last such merge ended; nullopt: there was none
};

/// What waits for a purge, due or not.
struct PurgeBacklog {
  std::int64_t tenants = 0;
  std::int64_t blobs = 0;
  std::int64_t blob_bytes = 0;
  bool search = false;
  std::int64_t free_pages = 0;  ///< of the database's file; overwritten, as all that is deleted
  std::int64_t page_bytes = 0;
};

/// When the earliest of what waits was deleted; nullopt: nothing waits.
struct OldestDeletion {
  std::optional<base::WallTime> tenant;
  std::optional<base::WallTime> blob;    ///< that a file named
  std::optional<base::WallTime> upload;  ///< that no file has named since
  std::optional<base::WallTime> search;
  bool search_begun = false;  ///< a merge is to be gone on with, whatever is due
  std::optional<base::WallTime> feed_batch;
};

/// How far the database's pages were looked at, by the notes.
struct ScrubState {
  std::uint32_t next_page = 0;             ///< 0: there is nothing to be looked at
  std::optional<base::WallTime> last_end;  ///< when the last page was last looked at
  bool log_waits = false;                  ///< the log is to be emptied
};

}  // namespace portal::store
