#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace portal::model {

/// What a bearer token may do: a set of the scopes below. Stored as its number, so bits never change meaning.
class Scopes {
 public:
  constexpr Scopes() = default;
  constexpr explicit Scopes(std::uint8_t bits) : bits_(bits) {}
  constexpr std::uint8_t bits() const { return bits_; }
  constexpr bool empty() const { return bits_ == 0; }
  /// Are all of `others` in here?
  constexpr bool Has(Scopes others) const { return (bits_ & others.bits_) == others.bits_; }
  /// Is nothing in here that is not in `others`?
  constexpr bool Within(Scopes others) const { return others.Has(*this); }
  friend constexpr Scopes operator|(Scopes a, Scopes b) { return Scopes(static_cast<std::uint8_t>(a.bits_ | b.bits_)); }
  friend constexpr bool operator==(Scopes, Scopes) = default;

 private:
  std::uint8_t bits_ = 0;
};

inline constexpr Scopes kReadScope{1};     ///< a client's: `/v1`, and its tenant's rows on the control plane
inline constexpr Scopes kWriteScope{2};    ///< a client's: changes its tenant's rows and uploads
inline constexpr Scopes kAdminScope{4};    ///< an operator's: everything on the control plane, for every tenant
inline constexpr Scopes kMetricsScope{8};  ///< an operator's: metrics and status, nothing else

/// Their names, in the order in which they are listed.
inline constexpr std::array<std::pair<std::string_view, Scopes>, 4> kScopeNames = {
    {{"read", kReadScope}, {"write", kWriteScope}, {"admin", kAdminScope}, {"metrics", kMetricsScope}}};

/// What tokens of clients and of operators may be given.
inline constexpr Scopes kClientScopes = kReadScope | kWriteScope;
inline constexpr Scopes kOperatorScopes = kAdminScope | kMetricsScope;

/// Names between commas, without repetition: `read,write`. nullopt where a name is none, or there is none.
std::optional<Scopes> ParseScopes(std::string_view text);
/// In the form of ParseScopes.
std::string ToText(Scopes scopes);

}  // namespace portal::model
