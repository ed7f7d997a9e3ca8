#include "service/import_columns.h"

#include <algorithm>

#include "config/nearest.h"

namespace portal::service {

std::size_t ImportColumns::Find(std::string_view name) const {
  const auto at = std::ranges::find(names, name);
  return at == names.end() ? kNone : static_cast<std::size_t>(at - names.begin());
}

std::string ImportColumns::Unknown(std::string_view name) const {
  const std::string_view nearest = config::Nearest(name, names);
  std::string text = "there is no column \"" + std::string(name.substr(0, 64)) + "\"";
  if (!nearest.empty()) return text + "; did you mean \"" + std::string(nearest) + "\"?";
  text += "; the columns are";
  for (const std::string_view known : names) text += (known == names.front() ? " " : ", ") + std::string(known);
  return text;
}

}  // namespace portal::service
