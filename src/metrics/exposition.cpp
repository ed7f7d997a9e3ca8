#include "metrics/exposition.h"

#include <array>

#include "metrics/exposition_formats.h"
#include "metrics/number_text.h"

namespace portal::metrics {
namespace {

std::array<std::string, kDurationBuckets> MakeBoundTexts() {
  std::array<std::string, kDurationBuckets> texts;
  for (std::size_t i = 0; i < kDurationBounds.size(); ++i) {
    AppendNumber(Milliseconds(kDurationBounds[i]).count(), texts[i]);
    if (texts[i].find('.') == std::string::npos) texts[i] += ".0";
  }
  texts.back() = "+Inf";
  return texts;
}

}  // namespace

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

std::string_view BoundText(std::size_t bucket) {
  static const std::array<std::string, kDurationBuckets> texts = MakeBoundTexts();
  return texts[bucket];
}

std::string Expose(std::span<const Family> families, Format format) {
  return format == Format::kJson ? ExposeJson(families) : ExposeText(families, format);
}

}  // namespace portal::metrics
