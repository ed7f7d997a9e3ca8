#include "net/counts.h"

namespace portal::net {

namespace {

template <std::size_t kSize>
void AddEach(const std::array<Counter, kSize>& counters, std::array<std::uint64_t, kSize>& sums) {
  for (std::size_t i = 0; i < kSize; ++i) sums[i] += counters[i].read();
}

}  // namespace

void LoopCounters::AddTo(Counts& counts) const {
  AddEach(connections, counts.connections);
  counts.accepted += accepted.read();
  counts.accept_errors += accept_errors.read();
  AddEach(hung_up, counts.hung_up);
  AddEach(late, counts.late);
  counts.full_handshakes += full_handshakes.read();
  counts.resumed_handshakes += resumed_handshakes.read();
  counts.failed_handshakes += failed_handshakes.read();
  AddEach(refused_heads, counts.refused_heads);
}

}  // namespace portal::net
