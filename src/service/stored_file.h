#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/ids.h"
#include "base/result.h"
#include "blob/blob_store.h"
#include "model/file.h"
#include "store/writer.h"

namespace portal::service {

/// What is known of a file before its bytes are.
struct FileDescription {
  base::JobId job;
  std::optional<base::FileId> id;  ///< unset: the file of the job and name, under a new id where there is none
  std::string name;
  std::optional<model::FileKind> kind;  ///< unset: by the content type
  std::string content_type;             ///< empty or application/octet-stream: by the content
  base::WallTime created_at;            ///< of a file that is new
};

struct StoredFile {
  model::File file;  ///< as it is kept
  store::UpsertOutcome outcome;
};

/// The one way in which bytes and the row that names them get in together: both or neither, on disk when this returns.
/// `staged` becomes a blob within the row's transaction. kNotFound, kConflict, kValidation, kStorageFull as
/// WriteTransaction::UpsertFile with an id, as PutFile without one; kUnavailable. Thread-safe.
base::Result<StoredFile> StoreFile(store::Writer& writer, const blob::BlobStore& blobs, const base::TenantId& tenant,
                                   const FileDescription& description, blob::StagedBlob staged);

/// Whether a file may become another one; nullopt: there is none of that id yet.
using MayStore = base::FunctionRef<base::Status(const std::optional<model::File>&)>;
/// The same, where `may_store` allows it, within the transaction; its error otherwise. REQUIRES: description.id.
base::Result<StoredFile> StoreFile(store::Writer& writer, const blob::BlobStore& blobs, const base::TenantId& tenant,
                                   const FileDescription& description, blob::StagedBlob staged, MayStore may_store);

enum class BlobOutcome { kNew, kThere };

/// Bytes alone, which files of the tenant may name from now on: on disk when this returns. kStorageFull, also past the
/// tenant's quota; kUnavailable. Thread-safe.
base::Result<BlobOutcome> StoreBlob(store::Writer& writer, const blob::BlobStore& blobs, const base::TenantId& tenant,
                                    blob::StagedBlob staged);

}  // namespace portal::service
