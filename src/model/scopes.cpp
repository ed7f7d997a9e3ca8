#include "model/scopes.h"

namespace portal::model {
namespace {

std::optional<Scopes> Named(std::string_view name) {
  for (const auto& [known, scope] : kScopeNames) {
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
  for (const auto& [name, scope] : kScopeNames) {
    if (!scopes.Has(scope)) continue;
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

}  // namespace portal::model
