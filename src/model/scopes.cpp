#include "model/scopes.h"

#include <array>
#include <utility>

namespace portal::model {
namespace {

constexpr std::array<std::pair<std::string_view, Scopes>, 4> kNames = {
    {{"read", kReadScope}, {"write", kWriteScope}, {"admin", kAdminScope}, {"metrics", kMetricsScope}}};

std::optional<Scopes> Named(std::string_view name) {
  for (const auto& [known, scope] : kNames) {
    if (known == name) return scope;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Scopes> ParseScopes(std::string_view text) {
  Scopes scopes;
  while (true) {
    const std::size_t comma = text.find(',');
    const auto scope = Named(text.substr(0, comma));
    if (!scope || scopes.Has(*scope)) return std::nullopt;
    scopes = scopes | *scope;
    if (comma == std::string_view::npos) return scopes;
    text.remove_prefix(comma + 1);
  }
}

std::string ToText(Scopes scopes) {
  std::string text;
  for (const auto& [name, scope] : kNames) {
    if (!scopes.Has(scope)) continue;
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

}  // namespace portal::model
