#include "service/search_tidy.h"

#include <utility>

#include "store/writer.h"

namespace portal::service {
namespace {

constexpr std::int64_t kPagesAStep = 500;
/// So many cost a search about 10 µs more than one.
constexpr std::int64_t kFewSegments = 4;
/// The whole table is written anew once what came since is a quarter of it: each row is then written some five times in
/// its life, however long the table grows...
constexpr std::int64_t kGrowth = 4;
/// ...or once a day, for a table that is large and grows slowly.
constexpr std::chrono::hours kBetween{24};

bool IsWorthIt(const store::SearchState& state, base::WallTime now) {
  const store::SearchSegments& segments = state.segments;
  if (segments.count <= kFewSegments) return false;
  const bool grown = (segments.pages - segments.pages_of_largest) * kGrowth >= segments.pages_of_largest;
  // A time that is still to come is of a clock that has been set back since.
  return grown || !state.tidied_at || *state.tidied_at > now || *state.tidied_at + kBetween <= now;
}

}  // namespace

base::Status SearchTidy::Run(Between between) {
  for (const store::SearchTable table : {store::SearchTable::kContacts, store::SearchTable::kJobs}) {
    const auto due = IsDue(table);
    if (!due) return base::Fail(due.error());
    if (!*due) continue;
    const auto goes_on = Merge(table, between);
    if (!goes_on) return base::Fail(goes_on.error());
    if (!*goes_on) return {};
  }
  return {};
}

base::Result<bool> SearchTidy::IsDue(store::SearchTable table) {
  store::SearchState state;
  const base::Status read = database_.writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
    const auto found = transaction.ReadSearch(table);
    if (!found) return base::Fail(found.error());
    state = *found;
    return {};
  });
  if (!read) return base::Fail(read.error());
  std::int64_t& seen = pages_written_[static_cast<std::size_t>(table)];
  const bool quiet = std::exchange(seen, state.segments.pages_written) == state.segments.pages_written;
  return quiet && (state.tidying || IsWorthIt(state, clock_.Wall()));
}

/// False: it was ended early.
base::Result<bool> SearchTidy::Merge(store::SearchTable table, Between between) {
  auto state = store::SearchMerge::kGoesOn;
  while (true) {
    const base::MonotonicTime start = clock_.Unmoved();
    const base::Status done = database_.writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
      const auto now = transaction.TidySearch(table, kPagesAStep);
      if (!now) return base::Fail(now.error());
      state = *now;
      return {};
    });
    if (!done) return base::Fail(done.error());
    const bool go_on = between(clock_.Unmoved() - start);
    if (!go_on || state != store::SearchMerge::kGoesOn) return go_on;
  }
}

}  // namespace portal::service
