#include <algorithm>

#include "base/ascii.h"
#include "control/rows.h"

namespace portal::control {
namespace {

using service::ContactRows;

base::ContactId Key(const Request& request) {
  std::string id = request.Path("id");
  std::ranges::transform(id, id.begin(), base::ToLowerAscii);  // upper case is as good (RFC 9562 §4)
  return base::ContactId(std::move(id));
}

}  // namespace

Result<Answer> GetContact(const Context& context, Request& request) {
  return GetRow<ContactRows>(context, request, Key(request));
}
Result<Answer> PutContact(const Context& context, Request& request) {
  return PutRow<ContactRows>(context, request, Key(request));
}
Result<Answer> PatchContact(const Context& context, Request& request) {
  return PatchRow<ContactRows>(context, request, Key(request));
}
Result<Answer> DeleteContact(const Context& context, Request& request) {
  return DeleteRow<ContactRows>(context, request, Key(request));
}

}  // namespace portal::control
