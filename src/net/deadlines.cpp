#include "net/deadlines.h"

#include <algorithm>

namespace portal::net {

void Deadlines::Arm(Member& member, DeadlineKind kind, base::MonotonicTime now) {
  Disarm(member);
  List& list = ListOf(kind);
  member.due = now + DurationOf(kind);
  if (list.last) member.due = std::max(member.due, list.last->due);
  member.kind = kind;
  member.armed = true;
  member.before = list.last;
  (list.last ? list.last->after : list.first) = &member;
  list.last = &member;
}

void Deadlines::Disarm(Member& member) {
  if (!member.armed) return;
  List& list = ListOf(member.kind);
  (member.before ? member.before->after : list.first) = member.after;
  (member.after ? member.after->before : list.last) = member.before;
  member.before = member.after = nullptr;
  member.armed = false;
}

std::optional<base::MonotonicTime> Deadlines::Next() const {
  std::optional<base::MonotonicTime> earliest;
  for (const List& list : lists_) {
    if (list.first && (!earliest || list.first->due < *earliest)) earliest = list.first->due;
  }
  return earliest;
}

std::optional<std::uint32_t> Deadlines::Oldest(DeadlineKind kind) const {
  const Member* first = lists_[static_cast<std::size_t>(kind)].first;
  return first ? std::optional(first->owner) : std::nullopt;
}

std::optional<Deadlines::Due> Deadlines::TakeDue(base::MonotonicTime now) {
  for (const List& list : lists_) {
    if (!list.first || list.first->due > now) continue;
    Member& member = *list.first;
    Disarm(member);
    return Due{member.owner, member.kind};
  }
  return std::nullopt;
}

}  // namespace portal::net
