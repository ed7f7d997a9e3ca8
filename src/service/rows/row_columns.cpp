#include "service/rows/row_columns.h"

#include <algorithm>

#include "config/nearest.h"
#include "service/shown_text.h"

namespace portal::service {

std::size_t RowColumns::Find(std::string_view name) const {
  const auto at = std::ranges::find(names, name);
  return at == names.end() ? kNone : static_cast<std::size_t>(at - names.begin());
}

std::string RowColumns::Unknown(std::string_view name, std::string_view noun) const {
  const std::string_view nearest = config::Nearest(name, names);
  std::string text = "there is no " + std::string(noun) + " " + Quoted(name);
  if (!nearest.empty()) return text + "; did you mean \"" + std::string(nearest) + "\"?";
  text += "; the " + std::string(noun) + "s are";
  for (const std::string_view known : names) text += (known == names.front() ? " " : ", ") + std::string(known);
  return text;
}

}  // namespace portal::service
