#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/histogram.h"

namespace portal::metrics {

enum class Type : std::uint8_t {
  kCounter,  ///< only grows; its name ends in `_total`
  kGauge,
  kHistogram,
  kUnknown,  ///< a gauge with a label `quantile`, which is otherwise a summary's alone
  kInfo,     ///< a gauge that is 1, for the sake of its labels; its name ends in `_info`
};

/// OpenMetrics 1.0's word for it.
std::string_view ToText(Type type);

/// A label's name, `[a-z_]+` and a literal, and its value: any UTF-8, of few different ones.
struct Label {
  std::string_view name;
  std::string value;
};
using Labels = std::vector<Label>;

/// What one series of a family holds now.
struct Sample {
  Labels labels;
  double value = 0;
};

struct HistogramSample {
  Labels labels;
  HistogramReading reading;
};

/// All series of one name.
struct Family {
  std::string_view name;  ///< a literal, `[a-z_]+`
  std::string_view help;  ///< a literal: one line, without backslashes and quotes
  Type type = Type::kGauge;
  std::vector<Sample> samples{};
  std::vector<HistogramSample> histograms{};  ///< instead of `samples`, in milliseconds

  Family& Add(Labels labels, double value) {
    samples.push_back({std::move(labels), value});
    return *this;
  }
};

using Families = std::vector<Family>;

/// A family of one series without labels.
inline Family Single(std::string_view name, std::string_view help, Type type, double value) {
  Family family{name, help, type};
  family.Add({}, value);
  return family;
}

}  // namespace portal::metrics
