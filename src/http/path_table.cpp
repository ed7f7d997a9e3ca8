#include "http/path_table.h"

#include <array>
#include <stdexcept>
#include <utility>

#include "http/percent.h"

namespace portal::http {
namespace {

// Where a pattern has a parameter; no segment of a path that stands for itself begins so.
constexpr std::string_view kParameter = "{";

/// The text between slashes, from left to right. A path starts with a slash.
class SegmentsOf {
 public:
  explicit SegmentsOf(std::string_view path) : rest_(path) {}
  bool Next(std::string_view& segment) {
    if (rest_.empty() || rest_.front() != '/') return false;
    rest_.remove_prefix(1);
    segment = rest_.substr(0, rest_.find('/'));
    rest_.remove_prefix(segment.size());
    return true;
  }

 private:
  std::string_view rest_;
};

}  // namespace

PathTable::PathTable(const std::vector<std::string_view>& patterns) {
  for (const std::string_view pattern : patterns) {
    Segments compiled;
    std::size_t parameters = 0;
    SegmentsOf segments(pattern);
    for (std::string_view segment; segments.Next(segment);) {
      const bool is_parameter = segment.starts_with('{');
      parameters += is_parameter ? 1 : 0;
      compiled.emplace_back(is_parameter ? kParameter : segment);
    }
    if (parameters > PathParameters{}.values.size()) {
      throw std::logic_error("too many parameters: " + std::string(pattern));
    }
    patterns_.push_back(std::move(compiled));
  }
}

base::Result<std::optional<PathTable::Match>> PathTable::Find(std::string_view path) const {
  for (std::size_t index = 0; index < patterns_.size(); ++index) {
    std::array<std::string_view, std::tuple_size_v<decltype(PathParameters::values)>> raw;
    std::size_t captured = 0;
    SegmentsOf segments(path);
    std::string_view segment;
    bool matches = true;
    for (const std::string& expected : patterns_[index]) {
      const bool is_parameter = expected == kParameter;
      matches = segments.Next(segment) && (is_parameter ? !segment.empty() : segment == expected);
      if (!matches) break;
      if (is_parameter) raw[captured++] = segment;
    }
    if (!matches || segments.Next(segment)) continue;

    Match match{index, {}};
    for (std::size_t i = 0; i < captured; ++i) {
      auto decoded = DecodePercent(raw[i]);
      if (!decoded) {
        return base::Fail(base::ErrorCode::kBadRequest, "The path does not decode: " + std::string(kPercentRule));
      }
      match.parameters.values[i] = std::move(*decoded);
    }
    return match;
  }
  return std::nullopt;
}

}  // namespace portal::http
