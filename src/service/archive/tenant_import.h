#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/result.h"
#include "blob/blob_store.h"
#include "service/archive/tenant_archive.h"
#include "store/database.h"

namespace portal::service {

struct TenantImportOptions {
  std::string slug;    ///< of the new tenant
  std::string bucket;  ///< empty: `portal-files-` and the slug
  int stop_fd = -1;    ///< the import fails once there is something to be read from it; -1: nobody stops it
};

/// Makes a tenant of what ExportTenant wrote, read from `input_fd` to its end. The tenant is suspended until all of it
/// is in and checked: rows as every import checks them, blobs against their hashes, everything against the archive's
/// own end. Name, quota and the budgets of all clients together
/// come with the archive. `progress` gets the bytes read and what is in so far.
///
/// kConflict where slug or bucket are taken; kValidation names the entry, and the line of a bad row; kStorageFull,
/// kUnavailable. What a failed import has made is deleted again, as by `tenant delete`; what a killed one has made
/// stays, suspended, until somebody deletes it: it cannot be resumed. Safe beside a serving process.
base::Result<TenantArchiveCounts> ImportTenant(
    int input_fd, const TenantImportOptions& options, store::Database& database, const blob::BlobStore& blobs,
    const std::filesystem::path& data_folder, const base::Clock& clock,
    base::FunctionRef<void(std::uint64_t bytes_read, const TenantArchiveCounts&)> progress);

}  // namespace portal::service
