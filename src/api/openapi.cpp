#include "embedded/openapi.h"

#include "api/handlers.h"
#include "api/parameters.h"

namespace portal::api {

Result<Response> GetOpenApi(const Context&, const Request& request) {
  if (auto none = TakesNoParameters(request.head.query); !none) return base::Fail(std::move(none).error());
  Response response;
  response.body = embedded::openapi().front().content;
  response.Add("Cache-Control", "public, max-age=300");
  return response;
}

}  // namespace portal::api
