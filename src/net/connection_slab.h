#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "net/connection.h"

namespace portal::net {

/// The connections of one event loop in slots that are used again, so that accepting allocates nothing
/// once a loop has seen its busiest moment. Not thread-safe.
class ConnectionSlab {
 public:
  explicit ConnectionSlab(LoopContext& loop) : loop_(loop) {}

  /// A closed connection, to be opened.
  Connection& Acquire();
  /// REQUIRES: closed, and acquired before.
  void Release(const Connection& connection) { free_.push_back(connection.ref().slot); }

  /// Null when that connection is gone, whoever has its slot now.
  Connection* Find(ConnectionRef ref);
  Connection& At(std::uint32_t slot) { return slots_[slot]; }

  std::size_t in_use() const { return slots_.size() - free_.size(); }
  std::size_t size() const { return slots_.size(); }

 private:
  LoopContext& loop_;
  std::deque<Connection> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace portal::net
