#pragma once

#include <cstdint>
#include <optional>
#include <span>
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

/// Reads of the file rows of jobs, and of the blobs that they may name. Every view handed to a sink dies with the call.
/// Not thread-safe.
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
  /// The blob's size; nullopt where the tenant has no such blob, whoever else has it.
  base::Result<std::optional<std::int64_t>> FindBlob(const base::TenantId& tenant,
                                                     std::span<const unsigned char, 32> sha256);

 private:
  ReadConnection& connection_;
  ListReader list_;
  LazyStatement job_;
  LazyStatement find_;
  LazyStatement find_by_name_;
  LazyStatement find_blob_;
};

}  // namespace portal::store
