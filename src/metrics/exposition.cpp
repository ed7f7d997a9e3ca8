#include "metrics/exposition.h"

#include "metrics/expositions.h"

namespace portal::metrics {

Format FormatOfName(std::size_t index) {
  constexpr std::array<Format, kFormatNames.size()> kNamed = {Format::kTextWithQuantiles, Format::kOpenMetrics,
                                                              Format::kJson};
  return kNamed[index];
}

std::string_view ContentType(Format format) {
  switch (format) {
    case Format::kText:
    case Format::kTextWithQuantiles:
      return "text/plain; version=0.0.4; charset=utf-8";
    case Format::kOpenMetrics:
      return "application/openmetrics-text; version=1.0.0; charset=utf-8";
    case Format::kJson:
      return "application/json; charset=utf-8";
  }
  return {};
}

std::string Expose(std::span<const Family> families, Format format) {
  return format == Format::kJson ? ExposeJson(families) : ExposeText(families, format);
}

}  // namespace portal::metrics
