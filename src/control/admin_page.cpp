#include "embedded/admin_page.h"

#include <array>
#include <string_view>
#include <utility>

#include "control/handlers.h"

namespace portal::control {
namespace {

// Its own files and its own JSON, and nothing else.
constexpr std::string_view kSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

constexpr std::string_view kPage = "admin.html";
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kTypes = {{
    {".html", http::kHtml},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
}};

Result<Answer> File(std::string_view name) {
  for (const base::Resource& resource : embedded::admin_page()) {
    if (resource.name != name) continue;
    Answer answer;
    for (const auto& [ending, type] : kTypes) {
      if (name.ends_with(ending)) answer.content_type = type;
    }
    answer.content_security_policy = kSecurityPolicy;
    answer.body = resource.content;
    return answer;
  }
  return base::Fail(base::ErrorCode::kNotFound, "There is no such resource");
}

}  // namespace

Result<Answer> GetAdminPage(const Context&, Request&) { return File(kPage); }

Result<Answer> GetAdminFile(const Context&, Request& request) { return File(request.Path("file")); }

}  // namespace portal::control
