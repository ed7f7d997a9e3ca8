#include "net/connection_slab.h"

namespace portal::net {

Connection& ConnectionSlab::Acquire() {
  if (free_.empty()) return slots_.emplace_back(loop_, static_cast<std::uint32_t>(slots_.size()));
  Connection& connection = slots_[free_.back()];
  free_.pop_back();
  return connection;
}

Connection* ConnectionSlab::Find(ConnectionRef ref) {
  if (ref.slot >= slots_.size()) return nullptr;
  Connection& connection = slots_[ref.slot];
  return connection.is_open() && connection.ref().generation == ref.generation ? &connection : nullptr;
}

}  // namespace portal::net
