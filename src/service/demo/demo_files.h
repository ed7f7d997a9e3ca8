#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "blob/blob_store.h"
#include "model/file.h"
#include "model/job.h"
#include "service/demo/demo_lists.h"
#include "service/demo/demo_random.h"

namespace portal::service {

/// The blobs behind the demo's files, each put once and shared by many rows.
struct DemoBlobs {
  struct Content {
    std::string_view content_type;
    model::FileKind kind;
    blob::BlobStore::Stored stored;
  };
  Content production_document;     ///< a PDF of exactly 2,457,600 bytes
  std::vector<Content> documents;  ///< PDFs, in the order of DemoLists::document_names
  std::vector<Content> photos;     ///< PNGs
  Content notes;                   ///< plain text
  Content measurements;            ///< CSV
};

/// Draws and writes them. Errors of the store.
base::Result<DemoBlobs> PutDemoBlobs(const DemoLists& lists, blob::BlobStore& blobs);

/// `photos` pictures and `documents` papers of a job, from between its creation and its last change.
/// Their names are distinct for up to 50 photos and as many documents as there are names.
std::vector<model::File> DemoFiles(const DemoLists& lists, const DemoBlobs& blobs, const model::Job& job,
                                   std::int64_t photos, std::int64_t documents, DemoRandom& random);

/// The row that holds `content` in `job`.
model::File DemoFile(const DemoBlobs::Content& content, const model::Job& job, base::FileId id, std::string name,
                     base::WallTime created_at);

}  // namespace portal::service
