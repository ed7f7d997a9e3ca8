#include "control/rows.h"

namespace portal::control {
namespace {

using service::JobRows;

base::JobId Key(const Request& request) { return base::JobId(request.Path("id")); }

}  // namespace

Result<Answer> GetJob(const Context& context, Request& request) {
  return GetRow<JobRows>(context, request, Key(request));
}
Result<Answer> PutJob(const Context& context, Request& request) {
  return PutRow<JobRows>(context, request, Key(request));
}
Result<Answer> PatchJob(const Context& context, Request& request) {
  return PatchRow<JobRows>(context, request, Key(request));
}
Result<Answer> DeleteJob(const Context& context, Request& request) {
  return DeleteRow<JobRows>(context, request, Key(request));
}

}  // namespace portal::control
