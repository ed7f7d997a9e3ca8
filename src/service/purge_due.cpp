#include "service/purge_due.h"

#include <algorithm>

namespace portal::service {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr hours kBetweenScrubs{24};

std::optional<base::WallTime> Earliest(std::optional<base::WallTime> a, std::optional<base::WallTime> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

/// When the first of what waits for its retention is due.
std::optional<base::WallTime> FirstDue(const store::OldestDeletion& oldest, milliseconds retention) {
  auto first = Earliest(Earliest(oldest.tenant, oldest.blob), oldest.search);
  if (first) *first += retention;
  if (!oldest.upload) return first;
  return Earliest(first, *oldest.upload + std::max<milliseconds>(retention, kUploadGrace));
}

}  // namespace

bool IsDueAgain(std::optional<base::WallTime> last, base::WallTime now, hours between) {
  return !last || *last > now || *last + between <= now;
}

std::optional<base::WallTime> PurgeDue(const store::OldestDeletion& oldest, const store::ScrubState& scrub,
                                       base::WallTime now, milliseconds retention) {
  return Earliest(FirstDue(oldest, retention), ScrubDue(scrub, now, retention));
}

std::optional<base::WallTime> ScrubDue(const store::ScrubState& scrub, base::WallTime now, milliseconds retention) {
  if (scrub.next_page == 0) return std::nullopt;
  if (scrub.next_page > 1 || !scrub.last_end || *scrub.last_end > now) return now;
  return *scrub.last_end + std::min<milliseconds>(retention, kBetweenScrubs);
}

}  // namespace portal::service
