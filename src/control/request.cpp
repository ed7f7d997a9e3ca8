#include "control/request.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/ascii.h"
#include "control/routes.h"
#include "http/head_syntax.h"

namespace portal::control {

const std::string& Request::Path(std::string_view name) const {
  std::size_t index = 0;
  const std::string_view pattern = route_->pattern;
  for (std::size_t open = pattern.find('{'); open != std::string_view::npos; open = pattern.find('{', open + 1)) {
    const std::string_view candidate = pattern.substr(open + 1, pattern.find('}', open) - open - 1);
    if (candidate == name) return http_.path_parameters[index];
    ++index;
  }
  throw std::logic_error("no {" + std::string(name) + "} in " + std::string(pattern));
}

std::optional<std::string> Request::Query(std::string_view name) { return query_.Take(name); }

base::Result<std::string> Request::ReadBody(std::uint64_t max_bytes) {
  auto body = body_.Read(max_bytes);
  if (!body) return body;
  if (auto allowed = StillAllowed(); !allowed) return base::Fail(std::move(allowed).error());
  return body;
}

base::Status Request::ReadBody(std::uint64_t max_bytes, Body::Sink sink) {
  if (auto read = body_.Read(max_bytes, sink); !read) return read;
  return StillAllowed();
}

std::string Request::ContentType() const {
  const std::string_view field = Header("Content-Type").value_or("");
  std::string type(http::TrimBlanks(field.substr(0, field.find(';'))));
  std::ranges::transform(type, type.begin(), base::ToLowerAscii);
  return type;
}

base::Status Request::RequireContentType(std::initializer_list<std::string_view> types) const {
  const std::string type = ContentType();
  if (std::ranges::find(types, type) != types.end()) return {};
  std::string expected;
  for (const std::string_view each : types) expected += (expected.empty() ? "" : " or ") + std::string(each);
  return base::Fail(base::ErrorCode::kUnsupportedMediaType, "Content-Type must be " + expected);
}

}  // namespace portal::control
