#include "api/error_pages.h"

#include <stdexcept>

#include "api/handlers.h"
#include "base/substitute.h"
#include "crypto/base64url.h"
#include "crypto/hash.h"
#include "embedded/web.h"
#include "http/problem.h"

namespace portal::api {
namespace {

std::string_view Template() {
  for (const base::Resource& resource : embedded::web()) {
    if (resource.name == "error.html") return resource.content;
  }
  throw std::logic_error("web/error.html is not embedded");
}

std::string_view Between(std::string_view text, std::string_view open, std::string_view close) {
  const std::size_t start = text.find(open) + open.size();
  return text.substr(start, text.find(close, start) - start);
}

}  // namespace

ErrorPages::ErrorPages() {
  const std::string_view page = Template();
  const auto style_hash = crypto::Sha256(Between(page, "<style>", "</style>"));
  security_policy_ = "default-src 'none'; style-src 'sha256-" + crypto::ToBase64(style_hash) +
                     "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  for (const http::ProblemType& problem : http::AllProblems()) {
    std::string html(page);
    base::Substitute(html, "{{title}}", problem.title);
    base::Substitute(html, "{{status}}", std::to_string(problem.status));
    base::Substitute(html, "{{code}}", problem.code);
    base::Substitute(html, "{{explanation}}", problem.explanation);
    pages_.emplace(problem.slug, std::move(html));
  }
}

const std::string* ErrorPages::Find(std::string_view slug) const {
  const auto page = pages_.find(slug);
  return page == pages_.end() ? nullptr : &page->second;
}

Result<Response> GetErrorPage(const Context& context, const Request& request) {
  const std::string* page = context.error_pages.Find(request.path_parameters[0]);
  if (page == nullptr) return base::Fail(base::ErrorCode::kNotFound, "There is no such problem type");
  Response response;
  response.content_type = http::kHtml;
  response.content_security_policy = context.error_pages.security_policy();
  response.body = *page;
  response.Add("Cache-Control", "public, max-age=3600");
  return response;
}

}  // namespace portal::api
