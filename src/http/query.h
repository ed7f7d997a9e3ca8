#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"

namespace portal::http {

/// The parameters of a query string, decoded as HTML forms write them (`+` is a space).
/// Take what a resource knows with `Take`; what is then left, repeated or undecodable is an error.
class QueryParameters {
 public:
  /// kBadRequest when an escape does not decode. Empty pieces (`a=1&&b=2`) are skipped.
  static base::Result<QueryParameters> Parse(std::string_view query);

  /// The value of a parameter that the resource knows; nullopt when absent. A repeated one is an error in
  /// `Errors` and gives its first value.
  std::optional<std::string> Take(std::string_view name);

  /// Every parameter that was not taken, as an error that lists `known` names, and every repeated one.
  std::vector<base::ParameterError> Errors(std::string_view known) const;

  bool Has(std::string_view name) const;

 private:
  struct Parameter {
    std::string name;
    std::string value;
    bool taken = false;
  };
  std::vector<Parameter> parameters_;
  std::vector<base::ParameterError> repeated_;
};

}  // namespace portal::http
