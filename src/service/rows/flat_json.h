#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "service/rows/row_columns.h"

namespace portal::service {

/// Longer fields are refused: they come from a quote left open or from the wrong file.
inline constexpr std::size_t kMaxFieldBytes = 64 << 10;

/// Reads rows written as one JSON object each (RFC 8259), whose members are text or null, one of them perhaps a
/// number. Empty text counts as null. Not thread-safe.
class FlatJson {
 public:
  /// `ignore_unknown`: members that are no column are skipped, whatever they hold.
  FlatJson(const RowColumns& columns, bool ignore_unknown) : columns_(columns), ignore_unknown_(ignore_unknown) {}

  enum class Flaw : std::uint8_t { kSyntax, kNoObject, kUnknownMember, kRepeatedMember, kBadValue, kMissingMember };
  struct Complaint {
    Flaw flaw = Flaw::kSyntax;
    std::size_t offset = 0;  ///< in the text
    std::string member;      ///< its name, if any
    std::string message;     ///< without that name, but for kUnknownMember, which has RowColumns::Unknown's
  };

  /// Fills `cells`, one a column, with views that die with the next call. A member that was given has the offset of
  /// its name there, which is never 0. nullopt: all is well. REQUIRES: `object` is UTF-8
  /// without NUL.
  std::optional<Complaint> Read(std::string_view object, std::span<RowCell> cells);

 private:
  class Handler;

  const RowColumns& columns_;
  const bool ignore_unknown_;
  std::string texts_;  // decoded members; reserved for each object, so that views stay good
};

}  // namespace portal::service
