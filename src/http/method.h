#pragma once

#include <cstdint>
#include <string_view>

namespace portal::http {

/// Methods the portal knows (RFC 9110 §9); any other token is kOther and never handled.
enum class Method : std::uint8_t { kGet, kHead, kOptions, kPost, kPut, kPatch, kDelete, kOther };

/// Case-sensitive, as RFC 9110 §9.1 says.
Method ParseMethod(std::string_view token);
std::string_view ToText(Method method);  ///< "OTHER" for kOther

}  // namespace portal::http
