#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "store/writer.h"

namespace portal::service {

/// An upload was acknowledged before the file that is to name it is asked for.
inline constexpr std::chrono::hours kUploadGrace{1};

/// Whether what was done at `last` is to be done again. A time that is still to come is of a clock that has been set
/// back since, and says nothing.
bool IsDueAgain(std::optional<base::WallTime> last, base::WallTime now, std::chrono::hours between);

/// When a purge in turn next has rows, blobs, search tables, uploads or pages to look after; nullopt: nothing waits.
std::optional<base::WallTime> PurgeDue(const store::OldestDeletion& oldest, const store::ScrubState& scrub,
                                       base::WallTime now, std::chrono::milliseconds retention);

/// When the pages are to be overwritten; nullopt: nothing was deleted from them. The schedule looks at all of them
/// after many small purges rather than after each; what it began, it ends.
std::optional<base::WallTime> ScrubDue(const store::ScrubState& scrub, base::WallTime now,
                                       std::chrono::milliseconds retention);

}  // namespace portal::service
