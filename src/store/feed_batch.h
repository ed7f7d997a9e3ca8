#pragma once

#include <array>
#include <string>

#include "base/clock.h"

namespace portal::store {

/// What is kept of one committed batch of a bulk request that came with an Idempotency-Key.
struct FeedBatch {
  std::array<unsigned char, 32> request_hash{};  ///< SHA-256 of the whole request
  std::array<unsigned char, 32> rows_hash{};     ///< SHA-256 of the batch's part of the body
  std::string outcomes;                          ///< a letter a row, in the body's order
  std::string complaints;                        ///< JSON: an array of texts, one for each refused row
  base::WallTime created_at;
};

}  // namespace portal::store
