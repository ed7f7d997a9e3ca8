#pragma once

#include <string_view>

#include "base/function_ref.h"
#include "base/ids.h"
#include "base/result.h"
#include "model/file.h"
#include "model/page.h"
#include "store/list_reader.h"
#include "store/statement.h"

namespace portal::store {

class ReadConnection;

/// Reads of the file rows of jobs. Every view handed to a sink dies with the call. Not thread-safe.
class Files {
 public:
  using Sink = base::FunctionRef<void(const model::FileView&)>;

  explicit Files(ReadConnection& connection);

  /// Rows in reading order go to `sink` one by one; on error, some may have gone already.
  /// kNotFound ("Job not found") when the tenant has no such job.
  base::Result<model::PageInfo> List(const base::TenantId& tenant, std::string_view job_id,
                                     const model::FileQuery& query, Sink sink);
  /// kNotFound: "Job not found", or "File not found" when the job has no such file.
  base::Status Find(const base::TenantId& tenant, std::string_view job_id, std::string_view file_id, Sink sink);
  /// kNotFound ("File not found") when the job or the file does not exist.
  base::Status FindByName(const base::TenantId& tenant, std::string_view job_id, std::string_view name, Sink sink);

 private:
  ReadConnection& connection_;
  ListReader list_;
  LazyStatement job_;
  LazyStatement find_;
  LazyStatement find_by_name_;
};

}  // namespace portal::store
