#include "api/parameters.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/ascii.h"
#include "base/time_text.h"

namespace portal::api {
namespace {

constexpr std::size_t kMaxErrors = 20;

std::string Shortened(std::string_view value) {
  constexpr std::size_t kShown = 60;
  std::string text(value.substr(0, kShown));
  return value.size() > kShown ? text + "…" : text;
}

std::string Quoted(std::string_view value) { return "'" + Shortened(value) + "'"; }

}  // namespace

base::Result<Parameters> Parameters::Parse(std::string_view query) {
  auto parsed = http::QueryParameters::Parse(query);
  if (!parsed) return base::Fail(std::move(parsed).error());
  return Parameters(*std::move(parsed));
}

bool Parameters::Has(std::string_view name) const { return query_.Has(name); }

std::optional<std::string> Parameters::Take(std::string_view name) {
  if (!known_.empty()) known_ += ", ";
  known_ += name;
  return query_.Take(name);
}

std::optional<std::string> Parameters::Text(std::string_view name, std::size_t max_bytes) {
  auto value = Take(name);
  if (!value) return std::nullopt;
  if (value->empty()) {
    Refuse(name, "Is empty; leave the parameter out or give it a value");
    return std::nullopt;
  }
  if (value->size() > max_bytes) {
    Refuse(name, "Is " + std::to_string(value->size()) + " bytes long; must be at most " + std::to_string(max_bytes));
    return std::nullopt;
  }
  return value;
}

std::int64_t Parameters::Integer(std::string_view name, std::int64_t fallback, std::int64_t min, std::int64_t max) {
  const auto text = Take(name);
  if (!text) return fallback;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool whole = error == std::errc{} && end == text->data() + text->size();
  if (whole && value >= min && value <= max) return value;
  std::string detail = "Is " + Quoted(*text) + "; must be a whole number from " + std::to_string(min);
  if (max != INT64_MAX) detail += " to " + std::to_string(max);
  Refuse(name, std::move(detail));
  return fallback;
}

std::optional<base::WallTime> Parameters::Time(std::string_view name) {
  auto text = Take(name);
  if (!text) return std::nullopt;
  // `…T00:00:00+02:00` without escaping arrives as `…T00:00:00 02:00`.
  constexpr std::size_t kDateAndT = 11;
  if (const std::size_t space = text->rfind(' '); space != std::string::npos && space > kDateAndT) (*text)[space] = '+';
  const auto time = base::ParseRfc3339(*text);
  if (!time) {
    Refuse(name, "Is " + Quoted(*text) + "; must be an RFC 3339 time that exists, such as 2025-09-01T10:15:00Z");
  }
  return time;
}

std::optional<std::size_t> Parameters::OneOf(std::string_view name, std::span<const std::string_view> names) {
  const auto text = Take(name);
  if (!text) return std::nullopt;
  std::string allowed;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (*text == names[i]) return i;
    if (i > 0) allowed += ", ";
    allowed += names[i];
  }
  Refuse(name, "Is " + Quoted(*text) + "; must be one of " + allowed);
  return std::nullopt;
}

void Parameters::Refuse(std::string_view name, std::string detail) {
  errors_.push_back({std::string(name), std::move(detail)});
}

base::Status Parameters::Finish() const {
  std::vector<base::ParameterError> errors = errors_;
  for (base::ParameterError& error : query_.Errors(known_)) errors.push_back(std::move(error));
  if (errors.empty()) return {};
  const std::size_t count = errors.size();
  std::string detail = count == 1 ? "The query parameter " + Shortened(errors.front().parameter) + " is not valid"
                                  : std::to_string(count) + " query parameters are not valid";
  // A short request must not have a long answer.
  errors.resize(std::min(count, kMaxErrors));
  for (base::ParameterError& error : errors) error.parameter = Shortened(error.parameter);
  return base::Fail(base::Error{base::ErrorCode::kValidation, std::move(detail), {}, std::move(errors)});
}

std::string CanonicalUuid(std::string_view text) {
  std::string canonical(text);
  std::transform(canonical.begin(), canonical.end(), canonical.begin(), base::ToLowerAscii);
  return canonical;
}

base::Status TakesNoParameters(std::string_view query) {
  if (query.empty()) return {};
  auto parameters = Parameters::Parse(query);
  if (!parameters) return base::Fail(std::move(parameters).error());
  return parameters->Finish();
}

}  // namespace portal::api
