#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "control/complaints.h"
#include "control/request.h"

namespace portal::control {

/// The members of a small JSON object (RFC 8259) that a request carries. Ask for each that the resource knows, then for
/// `Finish`, which tells all that is wrong at once, members that nobody asked for included.
class JsonFields {
 public:
  /// Reads the body. kUnsupportedMediaType unless it is one of `types`; kBadRequest where it is no JSON, no object, or
  /// names a member twice; or what Request::ReadBody says of a body of at most `max_bytes`.
  static base::Result<JsonFields> Read(Request& request,
                                       std::initializer_list<std::string_view> types = {"application/json"},
                                       std::uint64_t max_bytes = kMaxJsonBytes);
  static base::Result<JsonFields> Parse(std::string_view json);

  bool Has(std::string_view name) const { return values_.contains(name); }

  // Each is nullopt when the member is absent or of another type, which `Finish` then tells.
  std::optional<std::string> Text(std::string_view name);
  /// A text that no answer and no log may show, whatever is wrong with it.
  std::optional<std::string> Secret(std::string_view name);
  std::optional<bool> Boolean(std::string_view name);
  std::optional<std::vector<std::string>> Texts(std::string_view name);
  /// RFC 3339.
  std::optional<base::WallTime> Time(std::string_view name);
  std::optional<double> Number(std::string_view name);
  /// A list of objects; `Absorb` tells what is wrong in them.
  std::optional<std::vector<JsonFields>> Objects(std::string_view name);
  std::optional<JsonFields> Object(std::string_view name);
  /// The inner nullopt is a JSON null.
  std::optional<std::optional<std::int64_t>> IntegerOrNull(std::string_view name);

  /// Says that the member is missing, where it is.
  void Require(std::string_view name);
  void Refuse(std::string_view name, std::string detail);

  /// Takes over what is wrong with an object within this one, under its name: `faults[0]`.
  void Absorb(const std::string& name, const JsonFields& object);

  /// kValidation with what is wrong so far; of much of it the first, see Complaints.
  base::Status Finish() const;

 private:
  /// A number with a fraction, an object, a mixed list.
  struct Other {
    std::string shown;
  };
  using Value = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, std::vector<std::string>,
                             std::vector<JsonFields>, std::shared_ptr<const JsonFields>, Other>;

  Complaints All() const;
  static std::string Show(const Value& value);
  void NoteAsked(std::string_view name);
  template <typename T>
  std::optional<T> Take(std::string_view name, std::string_view expected);

  friend class JsonFieldsBuilder;
  std::map<std::string, Value, std::less<>> values_;
  std::map<std::string, bool, std::less<>> asked_;
  std::string known_;  // "slug, name", as asked for
  Complaints complaints_;
};

/// `error` of the store about one member, `slug: "A" is not …`, in the form of `Finish`; others as they are.
base::Error AsFieldError(base::Error error);

}  // namespace portal::control
