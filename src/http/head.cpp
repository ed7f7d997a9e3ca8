#include "http/head.h"

#include <utility>

#include "base/ascii.h"

namespace portal::http {

std::optional<std::string_view> Head::Find(std::string_view name) const {
  for (const HeaderField& field : fields) {
    if (base::EqualsIgnoreCase(field.name, name)) return field.value;
  }
  return std::nullopt;
}

void Head::Clear() {
  std::vector<HeaderField> room = std::move(fields);
  room.clear();
  *this = Head{};
  fields = std::move(room);
}

}  // namespace portal::http
