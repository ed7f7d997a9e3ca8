#include "http/method.h"

#include <array>
#include <utility>

namespace portal::http {

namespace {

constexpr std::array<std::pair<std::string_view, Method>, 7> kMethods{{
    {"GET", Method::kGet},
    {"HEAD", Method::kHead},
    {"OPTIONS", Method::kOptions},
    {"POST", Method::kPost},
    {"PUT", Method::kPut},
    {"PATCH", Method::kPatch},
    {"DELETE", Method::kDelete},
}};

}  // namespace

Method ParseMethod(std::string_view token) {
  for (const auto& [text, method] : kMethods) {
    if (token == text) return method;
  }
  return Method::kOther;
}

std::string_view ToText(Method method) {
  for (const auto& [text, known] : kMethods) {
    if (known == method) return text;
  }
  return "OTHER";
}

}  // namespace portal::http
