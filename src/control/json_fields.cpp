#include "control/json_fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/time_text.h"
#include "service/shown_text.h"

namespace portal::control {

using base::ErrorCode;
using base::Fail;
using Json = nlohmann::json;

/// Knows the library, so that the header does not.
class JsonFieldsBuilder {
 public:
  static JsonFields Build(const Json& object) {
    JsonFields fields;
    for (const auto& [name, value] : object.items()) fields.values_.emplace(name, Convert(value));
    return fields;
  }

 private:
  static JsonFields::Value Convert(const Json& value) {
    if (value.is_null()) return nullptr;
    if (value.is_boolean()) return value.get<bool>();
    if (value.is_number_integer()) return Integer(value);
    if (value.is_number_float()) return value.get<double>();
    if (value.is_string()) return value.get<std::string>();
    if (value.is_object()) return std::make_shared<const JsonFields>(Build(value));
    const bool texts =
        value.is_array() && std::ranges::all_of(value, [](const Json& item) { return item.is_string(); });
    if (texts) return value.get<std::vector<std::string>>();
    if (value.is_array() && std::ranges::all_of(value, [](const Json& item) { return item.is_object(); })) {
      std::vector<JsonFields> objects;
      for (const Json& item : value) objects.push_back(Build(item));
      return objects;
    }
    return Other(value);
  }

  static JsonFields::Value Other(const Json& value) {
    return JsonFields::Other{value.is_array() ? "a list of other values" : service::Shown(value.dump())};
  }

  static JsonFields::Value Integer(const Json& value) {
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) return Other(value);
    return value.get<std::int64_t>();
  }
};

base::Result<JsonFields> JsonFields::Parse(std::string_view json) {
  constexpr int kMaxDepth = 16;
  bool too_deep = false;
  std::set<std::string> names;
  std::optional<std::string> repeated;
  const auto look = [&](int depth, Json::parse_event_t event, Json& parsed) {
    too_deep |= depth > kMaxDepth;
    if (event == Json::parse_event_t::key && depth == 1 && !names.insert(parsed.get<std::string>()).second) {
      repeated = parsed.get<std::string>();
    }
    return depth <= kMaxDepth;
  };
  const Json value = Json::parse(json, look, false);
  if (value.is_discarded() || too_deep) return Fail(ErrorCode::kBadRequest, "The body is not valid JSON");
  if (!value.is_object()) return Fail(ErrorCode::kBadRequest, "The body must be a JSON object");
  if (repeated) return Fail(ErrorCode::kBadRequest, "The body names " + service::Quoted(*repeated) + " more than once");
  return JsonFieldsBuilder::Build(value);
}

base::Result<JsonFields> JsonFields::Read(Request& request, std::initializer_list<std::string_view> types,
                                          std::uint64_t max_bytes) {
  if (auto type = request.RequireContentType(types); !type) return Fail(std::move(type).error());
  const auto body = request.ReadBody(max_bytes);
  if (!body) return Fail(body.error());
  return Parse(*body);
}

std::string JsonFields::Show(const Value& value) {
  struct {
    std::string operator()(std::nullptr_t) const { return "null"; }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return Json(number).dump(); }
    std::string operator()(const std::string& text) const { return service::Quoted(text); }
    std::string operator()(const std::vector<std::string>&) const { return "a list of texts"; }
    std::string operator()(const std::vector<JsonFields>&) const { return "a list of objects"; }
    std::string operator()(const std::shared_ptr<const JsonFields>&) const { return "an object"; }
    std::string operator()(const Other& other) const { return other.shown; }
  } show;
  return std::visit(show, value);
}

void JsonFields::NoteAsked(std::string_view name) {
  if (asked_.emplace(name, true).second) known_ += (known_.empty() ? "" : ", ") + std::string(name);
}

template <typename T>
std::optional<T> JsonFields::Take(std::string_view name, std::string_view expected) {
  NoteAsked(name);
  const auto at = values_.find(name);
  if (at == values_.end()) return std::nullopt;
  if (const T* value = std::get_if<T>(&at->second)) return *value;
  Refuse(name, "Is " + Show(at->second) + "; must be " + std::string(expected));
  return std::nullopt;
}

std::optional<std::string> JsonFields::Text(std::string_view name) { return Take<std::string>(name, "a text"); }

std::optional<std::string> JsonFields::Secret(std::string_view name) {
  NoteAsked(name);
  const auto at = values_.find(name);
  if (at == values_.end()) return std::nullopt;
  if (const auto* value = std::get_if<std::string>(&at->second)) return *value;
  Refuse(name, "Must be a text");
  return std::nullopt;
}

std::optional<bool> JsonFields::Boolean(std::string_view name) { return Take<bool>(name, "true or false"); }

std::optional<base::WallTime> JsonFields::Time(std::string_view name) {
  const auto text = Text(name);
  const auto time = text ? base::ParseRfc3339(*text) : std::nullopt;
  if (text && !time)
    Refuse(name, "Is " + service::Quoted(*text) + "; must be a time of RFC 3339, as in 2025-09-01T10:15:00Z");
  return time;
}

std::optional<std::vector<std::string>> JsonFields::Texts(std::string_view name) {
  return Take<std::vector<std::string>>(name, "a list of texts");
}

std::optional<std::optional<std::int64_t>> JsonFields::IntegerOrNull(std::string_view name) {
  using OrNull = std::optional<std::int64_t>;
  const auto at = values_.find(name);
  if (at != values_.end() && std::holds_alternative<std::nullptr_t>(at->second)) {
    static_cast<void>(Take<std::nullptr_t>(name, "null"));
    return std::optional<OrNull>(std::in_place);
  }
  const OrNull value = Take<std::int64_t>(name, "a whole number or null");
  return value ? std::optional<OrNull>(std::in_place, value) : std::nullopt;
}

std::optional<double> JsonFields::Number(std::string_view name) {
  const auto at = values_.find(name);
  if (at != values_.end() && std::holds_alternative<std::int64_t>(at->second)) {
    const auto whole = Take<std::int64_t>(name, "a number");
    return whole ? std::optional(static_cast<double>(*whole)) : std::nullopt;
  }
  return Take<double>(name, "a number");
}

std::optional<std::vector<JsonFields>> JsonFields::Objects(std::string_view name) {
  const auto at = values_.find(name);
  const auto* const texts = at == values_.end() ? nullptr : std::get_if<std::vector<std::string>>(&at->second);
  if (texts != nullptr && texts->empty()) {  // an empty list is one of objects, too
    static_cast<void>(Take<std::vector<std::string>>(name, "a list"));
    return std::vector<JsonFields>();
  }
  return Take<std::vector<JsonFields>>(name, "a list of objects");
}

std::optional<JsonFields> JsonFields::Object(std::string_view name) {
  const auto object = Take<std::shared_ptr<const JsonFields>>(name, "an object");
  return object ? std::optional(**object) : std::nullopt;
}

void JsonFields::Absorb(const std::string& name, const JsonFields& object) {
  complaints_.AddAll(name + ".", object.All());
}

void JsonFields::Require(std::string_view name) {
  if (!Has(name)) Refuse(name, "Is missing");
}

void JsonFields::Refuse(std::string_view name, std::string detail) {
  complaints_.Add(std::string(name), std::move(detail));
}

Complaints JsonFields::All() const {
  Complaints all = complaints_;
  for (const auto& [name, value] : values_) {
    if (!asked_.contains(name)) all.Add(service::Shown(name), "Unknown; this resource takes " + known_);
  }
  return all;
}

base::Status JsonFields::Finish() const {
  const Complaints all = All();
  if (all.empty()) return {};
  return Fail({ErrorCode::kValidation, "The body has members that are not allowed", {}, all.ToErrors()});
}

base::Error AsFieldError(base::Error error) {
  const std::size_t colon = error.detail.find(": ");
  if (error.code != ErrorCode::kValidation || !error.parameters.empty() || colon == std::string::npos) return error;
  error.parameters.push_back({error.detail.substr(0, colon), error.detail.substr(colon + 2)});
  return error;
}

}  // namespace portal::control
