#pragma once

#include <array>
#include <cstddef>
#include <deque>

#include "base/clock.h"
#include "base/ids.h"
#include "http/pipeline.h"
#include "net/counts.h"
#include "net/deadlines.h"
#include "net/exchange.h"
#include "net/mailbox.h"
#include "net/slow_pool.h"

namespace portal::net {

/// What the connections of one event loop share. Only that loop's thread touches it.
struct LoopContext {
  const http::Pipeline& pipeline;
  SlowPool& pool;
  Mailbox& mailbox;
  base::WorkerId worker;
  LoopCounters& counters;
  Deadlines deadlines;
  std::uint64_t least_taken_bytes;      ///< what a client must take of an answer between two send deadlines
  base::MonotonicTime now;              ///< read once a turn of the loop
  bool draining = false;                ///< whatever is received is answered, then closed
  std::deque<ConnectionRef> turns{};    ///< who has more to do and lets the others go first
  Exchange exchange{};                  ///< of the request that is being answered
  std::array<char, 64 * 1024> input{};  ///< what a connection without unanswered bytes receives into
};

}  // namespace portal::net
