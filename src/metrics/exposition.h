#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "metrics/family.h"

namespace portal::metrics {

enum class Format : std::uint8_t {
  kText,               ///< Prometheus 0.0.4, for scrapers
  kTextWithQuantiles,  ///< the same for people: histograms also say their quantiles, which strict parsers refuse
  kOpenMetrics,        ///< OpenMetrics 1.0, with exemplars by trace id
  kJson,
};

/// What `?format=` may say.
inline constexpr std::array<std::string_view, 3> kFormatNames = {"prometheus", "openmetrics", "json"};
/// REQUIRES: an index into `kFormatNames`.
Format FormatOfName(std::size_t index);

/// The one that an Accept header (RFC 9110 §12.5.1) prefers, text where it takes several alike; nullopt where it takes
/// none of them. `accept` is nullopt where there is no such header: text.
std::optional<Format> Negotiate(std::optional<std::string_view> accept);

std::string_view ContentType(Format format);

std::string Expose(std::span<const Family> families, Format format);

/// Shown of histograms where quantiles are asked for.
inline constexpr std::array<std::pair<std::string_view, double>, 3> kShownQuantiles = {
    {{"0.5", 0.5}, {"0.95", 0.95}, {"0.99", 0.99}}};

}  // namespace portal::metrics
