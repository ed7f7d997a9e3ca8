#pragma once

#include <cstdint>
#include <string_view>

#include "base/function_ref.h"
#include "base/ids.h"
#include "base/result.h"
#include "model/contact.h"
#include "model/file.h"
#include "model/job.h"
#include "store/statement.h"

namespace portal::store {

class ReadConnection;

/// Reads all rows of a tenant in the order of their ids, a few thousand at a time, so that no snapshot lives long
/// however large the tenant is. Between two calls others may write: a walk meets every row that was there from its
/// beginning to its end, and none twice. Views handed to a sink die with the call. Not thread-safe.
class Walk {
 public:
  using ContactSink = base::FunctionRef<void(const model::ContactView&)>;
  using JobSink = base::FunctionRef<void(const model::JobView&)>;
  using FileSink = base::FunctionRef<void(std::string_view job_id, const model::FileView&)>;

  explicit Walk(ReadConnection& connection);

  /// The next `limit` rows behind `after`, which moves to the last of them; an empty id is the beginning.
  /// False: there are no more.
  base::Result<bool> Contacts(const base::TenantId& tenant, base::ContactId& after, std::int64_t limit,
                              ContactSink sink);
  base::Result<bool> Jobs(const base::TenantId& tenant, base::JobId& after, std::int64_t limit, JobSink sink);
  /// All files of the next jobs behind `after` that have any, of so many jobs that at least `limit` files are given.
  /// Those of one job belong together: their names differ at every moment, but not across moments.
  base::Result<bool> Files(const base::TenantId& tenant, base::JobId& after, std::int64_t limit, FileSink sink);

 private:
  ReadConnection& connection_;
  LazyStatement contacts_;
  LazyStatement jobs_;
  LazyStatement files_;
};

}  // namespace portal::store
