#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "base/uuid_text.h"

namespace portal::store {

/// A contact's id as the database keeps it.
using UuidBytes = std::array<unsigned char, 16>;

/// nullopt unless `text` is a UUID in canonical, lower-case text (RFC 9562 §4).
std::optional<UuidBytes> ParseUuid(std::string_view text);

/// The canonical text of 16 bytes, without an allocation.
class UuidText {
 public:
  /// REQUIRES: bytes.size() == 16
  explicit UuidText(std::span<const unsigned char> bytes);
  std::string_view view() const { return {text_.data(), text_.size()}; }

 private:
  std::array<char, base::kUuidTextSize> text_;
};

}  // namespace portal::store
