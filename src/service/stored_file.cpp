#include "service/stored_file.h"

#include <string_view>
#include <utility>

#include "crypto/random.h"
#include "service/content_type.h"

namespace portal::service {
namespace {

base::Result<std::string> ContentTypeOf(const FileDescription& description, const blob::StagedBlob& staged) {
  if (!description.content_type.empty() && description.content_type != "application/octet-stream") {
    return description.content_type;
  }
  std::string head(kSniffBytes, '\0');
  const auto size = staged.ReadHead(head);
  if (!size) return base::Fail(size.error());
  const bool whole = static_cast<std::int64_t>(*size) == staged.size_bytes();
  return std::string(SniffContentType(std::string_view(head).substr(0, *size), whole));
}

base::Result<model::File> Describe(const FileDescription& description, const blob::StagedBlob& staged) {
  auto type = ContentTypeOf(description, staged);
  if (!type) return base::Fail(std::move(type).error());
  model::File file;
  file.id = description.id ? *description.id : base::FileId{crypto::RandomId("file_", 20)};
  file.job_id = description.job;
  file.name = description.name;
  file.kind = description.kind.value_or(KindOf(*type));
  file.content_type = *std::move(type);
  file.size_bytes = staged.size_bytes();
  file.sha256 = staged.sha256();
  file.created_at = description.created_at;
  return file;
}

}  // namespace

base::Result<StoredFile> StoreFile(store::Writer& writer, const blob::BlobStore& blobs, const base::TenantId& tenant,
                                   const FileDescription& description, blob::StagedBlob staged) {
  auto file = Describe(description, staged);
  if (!file) return base::Fail(std::move(file).error());
  StoredFile stored{*std::move(file), {}};
  const base::Status written = writer.Write([&](store::WriteTransaction& transaction) -> base::Status {
    const auto outcome = description.id ? transaction.UpsertFile(tenant, stored.file, {.created = false})
                                        : transaction.PutFile(tenant, stored.file);
    if (!outcome) return base::Fail(outcome.error());
    stored.outcome = *outcome;
    if (description.id && *outcome != store::UpsertOutcome::kInserted) {
      auto kept = transaction.FindFile(tenant, stored.file.job_id, stored.file.id);
      if (!kept) return base::Fail(std::move(kept).error());
      if (*kept) stored.file = **std::move(kept);
    }
    return blobs.Publish(staged);  // last: what fails before leaves no blob behind that nobody names
  });
  if (!written) return base::Fail(written.error());
  return stored;
}

base::Result<BlobOutcome> StoreBlob(store::Writer& writer, const blob::BlobStore& blobs, const base::TenantId& tenant,
                                    blob::StagedBlob staged) {
  BlobOutcome outcome = BlobOutcome::kNew;
  const base::Status written = writer.Write([&](store::WriteTransaction& transaction) -> base::Status {
    const auto there = transaction.FindBlob(tenant, staged.sha256());
    if (!there) return base::Fail(there.error());
    if (*there) outcome = BlobOutcome::kThere;
    if (auto held = transaction.HoldBlob(tenant, staged.sha256(), staged.size_bytes()); !held) return held;
    return blobs.Publish(staged);
  });
  if (!written) return base::Fail(written.error());
  return outcome;
}

}  // namespace portal::service
