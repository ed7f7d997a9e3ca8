#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "base/ascii.h"
#include "metrics/exposition.h"

namespace portal::metrics {

namespace {

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// Where `separator` comes first, but for what is quoted (RFC 9110 §5.6.4); the end where there is none.
std::size_t FindUnquoted(std::string_view text, char separator) {
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') quoted = !quoted;
    if (quoted && text[at] == '\\') ++at;
    if (!quoted && text[at] == separator) return at;
  }
  return text.size();
}

/// Takes what stands before the next `separator` away from `rest`.
std::string_view Next(std::string_view& rest, char separator) {
  const std::size_t end = FindUnquoted(rest, separator);
  const std::string_view part = Trim(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

/// A parameter's value, which means the same with and without quotes (RFC 9110 §5.6.6).
std::string Unquote(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::string(value);
  std::string text;
  for (std::size_t at = 1; at + 1 < value.size(); ++at) {
    if (value[at] == '\\' && at + 2 < value.size()) ++at;
    text += value[at];
  }
  return text;
}

/// One of what a client takes, as in `text/plain;version=0.0.4;q=0.5`.
struct MediaRange {
  std::string_view type;
  std::string version;  // empty: any
  double quality = 1;   // 0: this one not
};

MediaRange ReadRange(std::string_view text) {
  MediaRange range;
  range.type = Next(text, ';');
  while (!text.empty()) {
    std::string_view value = Next(text, ';');
    const std::string_view name = Next(value, '=');
    if (base::EqualsIgnoreCase(name, "version")) range.version = Unquote(value);
    if (!base::EqualsIgnoreCase(name, "q")) continue;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), range.quality);
    const bool is_quality = error == std::errc{} && end == value.data() + value.size() && range.quality >= 0;
    range.quality = is_quality ? std::min(range.quality, 1.0) : 0;
  }
  return range;
}

struct Offer {
  Format format;
  std::string_view type;
  std::string_view version;  // whatever begins so; empty: the type has no versions
};

// The first of those that are liked best is given.
constexpr std::array<Offer, 3> kOffers = {{{Format::kText, "text/plain", "0.0.4"},
                                           {Format::kOpenMetrics, "application/openmetrics-text", "1."},
                                           {Format::kJson, "application/json", ""}}};

/// How closely `range` names the offer; 0: not at all.
int Closeness(const MediaRange& range, const Offer& offer) {
  if (range.type == "*/*") return 1;
  const std::string_view group = offer.type.substr(0, offer.type.find('/'));
  const bool names_group =
      range.type.ends_with("/*") && base::EqualsIgnoreCase(range.type.substr(0, group.size()), group);
  if (names_group && range.type.size() == group.size() + 2) return 2;
  if (!base::EqualsIgnoreCase(range.type, offer.type)) return 0;
  if (range.version.empty() || offer.version.empty()) return 3;
  return range.version.starts_with(offer.version) ? 4 : 0;
}

/// By the range that names it most closely.
double Quality(std::string_view accept, const Offer& offer) {
  double quality = 0;
  int closest = 0;
  while (!accept.empty()) {
    const MediaRange range = ReadRange(Next(accept, ','));
    const int closeness = Closeness(range, offer);
    if (closeness <= closest) continue;
    closest = closeness;
    quality = range.quality;
  }
  return quality;
}

}  // namespace

std::optional<Format> Negotiate(std::optional<std::string_view> accept) {
  if (!accept || Trim(*accept).empty()) return Format::kText;
  std::optional<Format> best;
  double best_quality = 0;
  for (const Offer& offer : kOffers) {
    const double quality = Quality(*accept, offer);
    if (quality <= best_quality) continue;
    best = offer.format;
    best_quality = quality;
  }
  return best;
}

}  // namespace portal::metrics
