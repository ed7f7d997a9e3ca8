#include "store/uuid_bytes.h"

#include <cassert>

namespace portal::store {

std::optional<UuidBytes> ParseUuid(std::string_view text) {
  UuidBytes bytes;
  if (!base::ReadUuidText(text, bytes)) return std::nullopt;
  return bytes;
}

UuidText::UuidText(std::span<const unsigned char> bytes) {
  assert(bytes.size() == 16);
  base::WriteUuidText(bytes.first<16>(), text_.data());
}

}  // namespace portal::store
