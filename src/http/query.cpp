#include "http/query.h"

#include <algorithm>
#include <utility>

#include "http/percent.h"

namespace portal::http {

base::Result<QueryParameters> QueryParameters::Parse(std::string_view query) {
  QueryParameters result;
  while (!query.empty()) {
    const std::string_view piece = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), piece.size() + 1));
    if (piece.empty()) continue;
    const std::size_t equals = piece.find('=');
    auto name = DecodePercent(piece.substr(0, equals), true);
    auto value = DecodePercent(equals == std::string_view::npos ? std::string_view{} : piece.substr(equals + 1), true);
    if (!name || !value) {
      return base::Fail(base::ErrorCode::kBadRequest, "The query does not decode: " + std::string(kPercentRule));
    }
    result.parameters_.push_back({*std::move(name), *std::move(value)});
  }
  return result;
}

bool QueryParameters::Has(std::string_view name) const {
  return std::any_of(parameters_.begin(), parameters_.end(), [&](const Parameter& p) { return p.name == name; });
}

std::optional<std::string> QueryParameters::Take(std::string_view name) {
  std::optional<std::string> value;
  std::size_t count = 0;
  for (Parameter& parameter : parameters_) {
    if (parameter.name != name) continue;
    parameter.taken = true;
    if (++count == 1) value = parameter.value;
  }
  if (count > 1) repeated_.push_back({std::string(name), "Given " + std::to_string(count) + " times; give it once"});
  return value;
}

std::vector<base::ParameterError> QueryParameters::Errors(std::string_view known) const {
  std::vector<base::ParameterError> errors = repeated_;
  for (const Parameter& parameter : parameters_) {
    if (parameter.taken) continue;
    std::string detail = "Unknown parameter; ";
    detail += known.empty() ? "this resource takes none" : "this resource takes ";
    detail += known;
    errors.push_back({parameter.name, std::move(detail)});
  }
  return errors;
}

}  // namespace portal::http
