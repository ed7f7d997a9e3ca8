#include "base/ip_network.h"

#include <algorithm>
#include <charconv>

namespace portal::base {
namespace {

constexpr unsigned kAllBits = 128;
constexpr unsigned kMappedBits = 96;  // before them, an IPv4 address in its IPv6 form has none of its own

/// Plain decimal, no sign and no leading zero.
std::optional<unsigned> ParsePrefix(std::string_view text, unsigned most) {
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (error != std::errc{} || end != text.data() + text.size() || bits > most) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return bits;
}

constexpr std::uint64_t MaskOf(unsigned bits) { return bits == 0 ? 0 : ~std::uint64_t{0} << (64 - bits); }

}  // namespace

std::optional<IpNetwork> IpNetwork::Parse(std::string_view text) {
  if (text == "unix") return IpNetwork({}, kAllBits);
  const std::size_t slash = text.find('/');
  const std::string_view first = text.substr(0, slash);
  auto address = IpAddress::Parse(first);
  if (slash == std::string_view::npos) {
    return address ? std::optional(IpNetwork(*address, kAllBits)) : std::nullopt;
  }
  const bool from_nothing = first == "::";  // an address of nobody, but networks begin with it
  if (!address && !from_nothing) return std::nullopt;
  const bool as_v4 = first.find(':') == std::string_view::npos;
  const auto bits = ParsePrefix(text.substr(slash + 1), as_v4 ? kAllBits - kMappedBits : kAllBits);
  if (!bits || (from_nothing && *bits == kAllBits)) return std::nullopt;
  const IpNetwork network(address.value_or(IpAddress()), as_v4 ? kMappedBits + *bits : *bits);
  if (network.Masked(network.first_) != network.first_) return std::nullopt;
  return network;
}

IpAddress IpNetwork::Masked(const IpAddress& address) const {
  IpAddress masked;
  masked.high_ = address.high_ & MaskOf(std::min(bits_, 64u));
  masked.low_ = address.low_ & MaskOf(bits_ > 64 ? bits_ - 64 : 0);
  return masked;
}

bool IpNetwork::Contains(const IpAddress& address) const {
  if (bits_ < kMappedBits && address.is_v4()) return false;
  if (bits_ < kAllBits && address.is_unix()) return false;
  return Masked(address) == first_;
}

std::string IpNetwork::ToText() const {
  if (bits_ == kAllBits) return std::string(first_.ToText().view());
  const bool as_v4 = first_.is_v4() && bits_ >= kMappedBits;
  const std::string first = first_.is_unix() ? "::" : std::string(first_.ToText().view());
  return first + "/" + std::to_string(as_v4 ? bits_ - kMappedBits : bits_);
}

bool AnyContains(std::span<const IpNetwork> networks, const IpAddress& address) {
  return std::ranges::any_of(networks, [&](const IpNetwork& network) { return network.Contains(address); });
}

}  // namespace portal::base
