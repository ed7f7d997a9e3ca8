#include <string_view>

#include "metrics/exposition_formats.h"
#include "metrics/number_text.h"

namespace portal::metrics {

namespace {

constexpr std::size_t kBytesOfASeries = 96;  // about

std::string_view WithoutSuffix(std::string_view name, std::string_view suffix) {
  return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name;
}

class TextWriter {
 public:
  TextWriter(std::span<const Family> families, Format format) : format_(format) {
    std::size_t series = 0;
    for (const Family& family : families) {
      series += 2 + family.samples.size() + family.histograms.size() * (kDurationBuckets + 2);
    }
    text_.reserve(series * kBytesOfASeries);
    for (const Family& family : families) Write(family);
    if (IsOpen()) text_ += "# EOF\n";
  }
  std::string Done() && { return std::move(text_); }

 private:
  bool IsOpen() const { return format_ == Format::kOpenMetrics; }

  /// OpenMetrics names a family without what its type adds to the names of its series.
  std::string_view NameOf(const Family& family) const {
    if (!IsOpen()) return family.name;
    if (family.type == Type::kCounter) return WithoutSuffix(family.name, "_total");
    if (family.type == Type::kInfo) return WithoutSuffix(family.name, "_info");
    return family.name;
  }

  /// Text 0.0.4 has other words for what OpenMetrics brought in.
  std::string_view TypeOf(const Family& family) const {
    if (!IsOpen() && family.type == Type::kUnknown) return "untyped";
    if (!IsOpen() && family.type == Type::kInfo) return "gauge";
    return ToText(family.type);
  }

  void Write(const Family& family) {
    const std::string_view name = NameOf(family);
    text_.append("# HELP ").append(name).append(" ").append(family.help);
    text_.append("\n# TYPE ").append(name).append(" ").append(TypeOf(family)).append("\n");
    for (const Sample& sample : family.samples) {
      const std::string labels = LabelText(sample.labels);
      text_ += family.name;
      if (!labels.empty()) text_.append("{").append(labels).append("}");
      End(sample.value);
    }
    for (const HistogramSample& sample : family.histograms) Write(family.name, sample);
  }

  void Write(std::string_view name, const HistogramSample& sample) {
    const std::string labels = LabelText(sample.labels);
    const std::string_view comma = labels.empty() ? "" : ",";
    std::uint64_t up_to_here = 0;
    for (std::size_t i = 0; i < kDurationBuckets; ++i) {
      up_to_here += sample.reading.buckets[i];
      text_.append(name).append("_bucket{").append(labels).append(comma).append("le=\"").append(BoundText(i));
      text_ += "\"} ";
      AppendNumber(static_cast<double>(up_to_here), text_);
      if (IsOpen() && sample.reading.exemplars[i]) Write(*sample.reading.exemplars[i]);
      text_ += '\n';
    }
    const std::string braced = labels.empty() ? "" : "{" + labels + "}";
    text_.append(name).append("_sum").append(braced);
    End(Milliseconds(sample.reading.sum).count());
    text_.append(name).append("_count").append(braced);
    End(static_cast<double>(up_to_here));
    if (format_ != Format::kTextWithQuantiles) return;
    for (const auto& [quantile, share] : kShownQuantiles) {
      const auto value = sample.reading.Quantile(share);
      if (!value) return;
      text_.append(name).append("{").append(labels).append(comma).append("quantile=\"").append(quantile).append("\"}");
      End(value->count());
    }
  }

  void Write(const Exemplar& exemplar) {
    text_.append(" # {trace_id=\"").append(exemplar.trace_id).append("\"} ");
    AppendNumber(Milliseconds(exemplar.value).count(), text_);
    text_ += ' ';
    AppendNumber(std::chrono::duration<double>(exemplar.at.time_since_epoch()).count(), text_);
  }

  void End(double value) {
    text_ += ' ';
    AppendNumber(value, text_);
    text_ += '\n';
  }

  static std::string LabelText(const Labels& labels) {
    std::string text;
    for (const auto& [name, value] : labels) {
      if (!text.empty()) text += ',';
      text.append(name).append("=\"");
      for (const char c : value) {
        if (c == '\\' || c == '"') text += '\\';
        text += c == '\n' ? "\\n" : std::string_view(&c, 1);
      }
      text += '"';
    }
    return text;
  }

  const Format format_;
  std::string text_;
};

}  // namespace

std::string ExposeText(std::span<const Family> families, Format format) { return TextWriter(families, format).Done(); }

}  // namespace portal::metrics
