#include <cmath>

#include "base/json_object.h"
#include "metrics/exposition_formats.h"
#include "metrics/number_text.h"

namespace portal::metrics {

namespace {

std::string NumberText(double value) {
  std::string text;
  if (std::isfinite(value)) AppendNumber(value, text);
  return text.empty() ? "null" : text;
}

std::string LabelsOf(const Labels& labels) {
  base::JsonObject json;
  for (const Label& label : labels) json.Text(label.name, label.value);
  return json.Done();
}

std::string Describe(const Sample& sample) {
  base::JsonObject json;
  return json.Json("labels", LabelsOf(sample.labels)).Json("value", NumberText(sample.value)).Done();
}

std::string Describe(const HistogramSample& sample) {
  const HistogramReading& reading = sample.reading;
  base::JsonObject buckets;
  std::uint64_t up_to_here = 0;
  for (std::size_t i = 0; i < kDurationBuckets; ++i) {
    up_to_here += reading.buckets[i];
    buckets.Number(BoundText(i), static_cast<std::int64_t>(up_to_here));
  }
  base::JsonObject json;
  json.Json("labels", LabelsOf(sample.labels)).Number("count", static_cast<std::int64_t>(up_to_here));
  json.Json("sum", NumberText(Milliseconds(reading.sum).count())).Json("buckets", buckets.Done());
  base::JsonObject quantiles;
  for (const auto& [name, share] : kShownQuantiles) {
    const auto value = reading.Quantile(share);
    quantiles.Json(name, value ? NumberText(value->count()) : "null");
  }
  return json.Json("quantiles", quantiles.Done()).Done();
}

}  // namespace

std::string ExposeJson(std::span<const Family> families) {
  base::JsonArray rows;
  for (const Family& family : families) {
    base::JsonArray samples;
    for (const Sample& sample : family.samples) samples.Add(Describe(sample));
    for (const HistogramSample& sample : family.histograms) samples.Add(Describe(sample));
    base::JsonObject row;
    row.Text("name", family.name).Text("type", ToText(family.type)).Text("help", family.help);
    rows.Add(row.Json("samples", samples.Done()).Done());
  }
  return base::JsonObject().Json("families", rows.Done()).Done();
}

}  // namespace portal::metrics
