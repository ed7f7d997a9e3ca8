#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

struct sqlite3;

namespace portal::store {

// What the store remembers of itself: the rows of `meta`. They need a transaction of the caller's, and throw
// SQLite::Exception.

std::optional<std::string> ReadNote(sqlite3* db, std::string_view name);
void WriteNote(sqlite3* db, std::string_view name, std::string_view value);
void RemoveNote(sqlite3* db, std::string_view name);
std::optional<base::WallTime> ReadTimeNote(sqlite3* db, std::string_view name);
void WriteTimeNote(sqlite3* db, std::string_view name, base::WallTime time);

/// Since when a search table holds words of rows that are deleted.
inline constexpr std::string_view kContactsSearchStaleSince = "contacts_search_stale_since";
inline constexpr std::string_view kJobsSearchStaleSince = "jobs_search_stale_since";
/// There while a search table that grew is being merged into one segment.
inline constexpr std::string_view kContactsSearchTidying = "contacts_search_tidying";
inline constexpr std::string_view kJobsSearchTidying = "jobs_search_tidying";
/// When that was last done.
inline constexpr std::string_view kContactsSearchTidied = "contacts_search_tidied_at";
inline constexpr std::string_view kJobsSearchTidied = "jobs_search_tidied_at";
/// The report of the last purge, as JSON.
inline constexpr std::string_view kPurgeReport = "purge_report";
/// The next page to be looked at for what it holds without using it; 0: none. 1 with whatever removes rows for good or
/// merges words; it moves on only with the pages that were looked at.
inline constexpr std::string_view kPagesScrubbed = "pages_scrubbed_to";
/// When the last page was last looked at.
inline constexpr std::string_view kPagesScrubbedAt = "pages_scrubbed_at";
/// There from then on until the log was emptied.
inline constexpr std::string_view kLogWaits = "log_waits";
/// When all blobs were last looked at for such that nobody names.
inline constexpr std::string_view kOrphansSwept = "orphans_swept_at";
/// What is kept of the operators' password: an Argon2id hash.
inline constexpr std::string_view kOperatorPassword = "operator_password";

}  // namespace portal::store
