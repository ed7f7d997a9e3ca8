#include "control/rows.h"

namespace portal::control {
namespace {

using service::FileRows;

service::FileKey Key(const Request& request) {
  return {base::JobId(request.Path("job")), base::FileId(request.Path("id"))};
}

}  // namespace

Result<Answer> GetFile(const Context& context, Request& request) {
  return GetRow<FileRows>(context, request, Key(request));
}
Result<Answer> PutFile(const Context& context, Request& request) {
  return PutRow<FileRows>(context, request, Key(request));
}
Result<Answer> PatchFile(const Context& context, Request& request) {
  return PatchRow<FileRows>(context, request, Key(request));
}
Result<Answer> DeleteFile(const Context& context, Request& request) {
  return DeleteRow<FileRows>(context, request, Key(request));
}

}  // namespace portal::control
