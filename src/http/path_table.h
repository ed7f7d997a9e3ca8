#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/request.h"

namespace portal::http {

/// Finds which pattern a path is of. Immutable once built, so thread-safe.
class PathTable {
 public:
  /// `/v1/jobs/{jobId}/files`: `{x}` is one non-empty segment. Throws where a pattern has more of them than
  /// PathParameters holds.
  explicit PathTable(const std::vector<std::string_view>& patterns);

  struct Match {
    std::size_t index;  ///< of the pattern
    PathParameters parameters;
  };
  /// The first pattern that fits; nullopt: none does. kBadRequest when a segment's percent-encoding does not decode to
  /// UTF-8.
  base::Result<std::optional<Match>> Find(std::string_view path) const;

 private:
  using Segments = std::vector<std::string>;
  std::vector<Segments> patterns_;
};

}  // namespace portal::http
