#include "cli/archive_counts.h"

#include "cli/json_object.h"
#include "cli/number_text.h"

namespace portal::cli {

std::string ToText(const service::TenantArchiveCounts& counts) {
  const auto counted = [](std::int64_t count, const char* noun) {
    return Counted(static_cast<std::uint64_t>(count), noun);
  };
  return counted(counts.contacts, "contact") + ", " + counted(counts.jobs, "job") + ", " +
         counted(counts.files, "file") + " (" + ByteSize(static_cast<std::uint64_t>(counts.blob_bytes)) + ")";
}

std::string ToJson(const std::string& tenant, const service::TenantArchiveCounts& counts) {
  JsonObject json;
  json.Text("tenant", tenant).Number("contacts", counts.contacts).Number("jobs", counts.jobs);
  json.Number("files", counts.files).Number("blobs", counts.blobs).Number("blob_bytes", counts.blob_bytes);
  return json.Line();
}

}  // namespace portal::cli
