#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/ids.h"
#include "model/contact.h"
#include "model/file.h"
#include "model/job.h"

namespace portal::model {

inline constexpr std::int64_t kDefaultLimit = 50;
inline constexpr std::int64_t kMaxLimit = 200;
/// Filtered totals are exact up to here; beyond, this is a lower bound.
inline constexpr std::int64_t kMaxExactTotal = 10'000;

/// A position between two rows of a sorted list: the sort key and id of the row next to it (a keyset).
/// Times are milliseconds since the epoch; a null `scheduled_at` is absent and sorts before every time.
struct Keyset {
  std::optional<std::int64_t> time_ms;  ///< the key of time-sorted lists
  std::string text;                     ///< the key of name-sorted lists
  std::string id;                       ///< breaks ties
};

enum class Direction { kAscending, kDescending };

/// Where a page starts. `kAfter` and `kBefore` are exclusive and mean "in reading order": the page that
/// ends just before a keyset is still returned first row first.
struct PageStart {
  enum class Kind { kOffset, kAfter, kBefore };
  Kind kind = Kind::kOffset;
  std::int64_t offset = 0;
  Keyset keyset;
};

/// Which rows of a list, in which order. `Sort` is one of ContactSort, JobSort, FileSort.
template <typename SortKey>
struct PageRequest {
  std::int64_t limit = kDefaultLimit;  ///< 1 to kMaxLimit
  SortKey sort = SortKey::kCreatedAt;
  Direction direction = Direction::kDescending;  ///< reverses the ties too
  PageStart start;
};

struct ContactQuery : PageRequest<ContactSort> {
  std::optional<std::string> search;            ///< `q`: every word must begin a word of name, company or e-mail
  std::optional<std::string> email;             ///< exact but for ASCII case
  std::optional<base::WallTime> updated_since;  ///< inclusive; REQUIRES sort == kUpdatedAt
  bool filtered() const { return search || email || updated_since; }
};

struct JobQuery : PageRequest<JobSort> {
  std::optional<std::string> search;  ///< `q`: every word must begin a word of the title
  std::optional<JobStatus> status;
  std::optional<base::ContactId> contact_id;
  std::optional<base::WallTime> updated_since;  ///< inclusive; REQUIRES sort == kUpdatedAt
  bool filtered() const { return search || status || contact_id || updated_since; }
};

struct FileQuery : PageRequest<FileSort> {
  std::optional<FileKind> kind;
  bool filtered() const { return kind.has_value(); }
};

/// What a list says beside its rows.
struct PageInfo {
  std::int64_t total = 0;
  bool total_is_lower_bound = false;
  std::int64_t count = 0;     ///< rows handed to the sink
  bool has_more = false;      ///< rows follow the last one in reading order
  bool has_previous = false;  ///< rows precede the first one in reading order
  bool last_first = false;    ///< the sink got the rows against the reading order
  Keyset first;               ///< of the first row; meaningless when count is 0
  Keyset last;                ///< of the last row; meaningless when count is 0
};

}  // namespace portal::model
