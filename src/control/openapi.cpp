#include "control/handlers.h"
#include "embedded/control_openapi.h"

namespace portal::control {

Result<Answer> GetOpenApi(const Context&, Request&) {
  Answer answer;
  answer.body = embedded::control_openapi().front().content;
  return answer;
}

}  // namespace portal::control
