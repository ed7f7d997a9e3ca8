#include "service/import/import_seen_ids.h"

#include <cstring>
#include <span>
#include <utility>

#include "crypto/random.h"

namespace portal::service {
namespace {

constexpr std::size_t kFirstSlots = 1024;

/// The two halves of the 128-bit product, folded: every input bit reaches every output bit.
std::uint64_t Mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t Hash(std::string_view text, std::uint64_t key, std::uint64_t salt) {
  std::uint64_t hash = key ^ text.size();
  while (!text.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = text.size() < sizeof(word) ? text.size() : sizeof(word);
    std::memcpy(&word, text.data(), size);
    hash = Mix(hash ^ word, salt);
    text.remove_prefix(size);
  }
  return Mix(hash, salt ^ key);
}

}  // namespace

ImportSeenIds::ImportSeenIds() : slots_(kFirstSlots) {
  crypto::FillRandom({reinterpret_cast<unsigned char*>(key_.data()), sizeof(key_)});
  for (std::uint64_t& word : key_) word |= 1;  // never zero, which would absorb every product
}

ImportSeenIds::Slot& ImportSeenIds::Find(std::uint64_t high, std::uint64_t low) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = low & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.line == 0 || (slot.high == high && slot.low == low)) return slot;
  }
}

void ImportSeenIds::Grow() {
  std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
  for (const Slot& slot : old) {
    if (slot.line != 0) Find(slot.high, slot.low) = slot;
  }
}

std::uint64_t ImportSeenIds::Note(std::string_view id, std::uint64_t line) {
  const std::uint64_t high = Hash(id, key_[0], key_[1]);
  const std::uint64_t low = Hash(id, key_[2], key_[3]);
  Slot& slot = Find(high, low);
  if (slot.line != 0) return slot.line;
  slot = {high, low, line};
  if (++used_ * 4 > slots_.size() * 3) Grow();
  return 0;
}

}  // namespace portal::service
