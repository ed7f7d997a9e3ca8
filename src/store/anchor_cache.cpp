#include "store/anchor_cache.h"

#include <algorithm>
#include <cassert>

namespace portal::store {

Anchors::Start Anchors::Find(std::int64_t offset) const {
  assert(offset >= 0 && offset < rows);
  const std::int64_t nth = std::min(offset / kStride, static_cast<std::int64_t>(positions.size()));
  if (nth == 0) return {nullptr, offset};
  return {&positions[static_cast<std::size_t>(nth - 1)], offset - nth * kStride};
}

std::size_t Anchors::SizeBytes() const {
  std::size_t size = sizeof(*this) + positions.capacity() * sizeof(ListPosition);
  for (const ListPosition& position : positions) size += position.text.capacity() + position.id.capacity();
  return size;
}

std::shared_ptr<const Anchors> AnchorCache::Find(const Key& key, std::int64_t revision) {
  const base::MutexLock lock(mu_);
  const auto entry = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.key == key; });
  if (entry == entries_.end() || entry->anchors->revision != revision) return nullptr;
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->anchors;
}

void AnchorCache::Put(const Key& key, std::shared_ptr<const Anchors> anchors) {
  const base::MutexLock lock(mu_);
  const auto old = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.key == key; });
  if (old != entries_.end()) {
    size_bytes_ -= old->anchors->SizeBytes();
    entries_.erase(old);
  }
  size_bytes_ += anchors->SizeBytes();
  entries_.push_front({key, std::move(anchors)});
  while (size_bytes_ > capacity_bytes_ && !entries_.empty()) {
    size_bytes_ -= entries_.back().anchors->SizeBytes();
    entries_.pop_back();
  }
}

void AnchorCache::Clear() {
  const base::MutexLock lock(mu_);
  entries_.clear();
  size_bytes_ = 0;
}

}  // namespace portal::store
