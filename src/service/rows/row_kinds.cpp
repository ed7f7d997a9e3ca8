#include "service/rows/row_kinds.h"

#include "base/hex.h"
#include "service/rows/row_encode.h"

namespace portal::service {

void ContactRows::AppendJson(const Model& contact, std::string& json) {
  AppendContact({.id = contact.id.value(),
                 .name = contact.name,
                 .email = contact.email,
                 .phone = contact.phone,
                 .company = contact.company,
                 .address = contact.address,
                 .created_at = contact.created_at,
                 .updated_at = contact.updated_at},
                json);
}

void JobRows::AppendJson(const Model& job, std::string& json) {
  std::optional<std::string_view> contact;
  if (job.contact_id) contact = job.contact_id->value();
  AppendJob({.id = job.id.value(),
             .title = job.title,
             .status = job.status,
             .contact_id = contact,
             .address = job.address,
             .scheduled_at = job.scheduled_at,
             .completed_at = job.completed_at,
             .created_at = job.created_at,
             .updated_at = job.updated_at},
            json);
}

base::Result<store::UpsertOutcome> FileRows::Upsert(store::WriteTransaction& transaction, const base::TenantId& tenant,
                                                    Model& file, store::GivenTimes given) {
  const auto held = transaction.FindBlob(tenant, file.sha256);
  if (!held) return base::Fail(held.error());
  if (!*held) {
    return base::Fail(base::ErrorCode::kValidation,
                      "sha256: there is no blob " + base::ToHex(file.sha256) + "; upload its bytes first");
  }
  if (file.size_bytes != kNoSize && file.size_bytes != **held) {
    return base::Fail(base::ErrorCode::kValidation, "size: is " + std::to_string(file.size_bytes) +
                                                        ", but the blob has " + std::to_string(**held) + " bytes");
  }
  file.size_bytes = **held;
  return transaction.UpsertFile(tenant, file, given);
}

std::string FileRows::Complaint(const base::Error& error, const Model& file) {
  if (error.code == base::ErrorCode::kNotFound) return "job_id: there is no job " + file.job_id.value();
  return error.code == base::ErrorCode::kConflict ? "name: " + error.detail : error.detail;
}

void FileRows::AppendJson(const Model& file, std::string& json) {
  AppendFile({.id = file.id.value(),
              .name = file.name,
              .kind = file.kind,
              .content_type = file.content_type,
              .size_bytes = file.size_bytes,
              .sha256 = file.sha256,
              .created_at = file.created_at},
             json);
}

}  // namespace portal::service
