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

/// By what identifies it: its id, or else its name.
base::Result<StoredFile> WriteFile(store::WriteTransaction& transaction, const base::TenantId& tenant, bool by_id,
                                   model::File file) {
  const auto outcome =
      by_id ? transaction.UpsertFile(tenant, file, {.created = false}) : transaction.PutFile(tenant, file);
  if (!outcome) return base::Fail(outcome.error());
  if (by_id) {
    auto kept = transaction.FindFile(tenant, file.job_id, file.id);
    if (!kept) return base::Fail(std::move(kept).error());
    if (*kept) file = **std::move(kept);
  }
  return StoredFile{std::move(file), *outcome};
}

}  // namespace

base::Result<StoredFile> StoreFile(store::Writer& writer, const blob::BlobStore& blobs, const base::TenantId& tenant,
                                   const FileDescription& description, blob::StagedBlob staged) {
  return StoreFile(writer, blobs, tenant, description, std::move(staged),
                   [](const std::optional<model::File>&) { return base::Status(); });
}

base::Result<StoredFile> StoreFile(store::Writer& writer, const blob::BlobStore& blobs, const base::TenantId& tenant,
                                   const FileDescription& description, blob::StagedBlob staged, MayStore may_store) {
  const auto file = Describe(description, staged);
  if (!file) return base::Fail(file.error());
  std::optional<StoredFile> stored;
  const base::Status written = writer.Write([&](store::WriteTransaction& transaction) -> base::Status {
    const auto old = transaction.FindFile(tenant, file->job_id, file->id);
    if (!old) return base::Fail(old.error());
    if (auto allowed = may_store(*old); !allowed) return allowed;
    auto result = WriteFile(transaction, tenant, description.id.has_value(), *file);
    if (!result) return base::Fail(std::move(result).error());
    stored = *std::move(result);
    return blobs.Publish(staged);  // last: what fails before leaves no blob behind that nobody names
  });
  if (!written) return base::Fail(written.error());
  return *std::move(stored);
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
