#include "base/json_object.h"
#include "base/time_text.h"
#include "control/handlers.h"
#include "service/backup/backup.h"

namespace portal::control {

/// Takes as long as the backup does; the caller waits for it.
Result<Answer> MakeBackup(const Context& context, Request&) {
  const config::Config::Backup& settings = context.config.backup;
  if (settings.dir.empty()) {
    return base::Fail(base::ErrorCode::kConflict, "This portal has no place for backups: set backup.dir");
  }
  service::BackupOptions options;
  options.data_folder = context.data_folder;
  options.destination = settings.dir;
  options.keep = settings.keep;
  options.watch = [&context](const service::BackupProgress&) { return context.stopping->begun(); };
  const auto made = service::MakeBackup(options, context.clock);
  if (!made) {
    // Details name folders of this machine, which are for its operator's eyes.
    if (made.error().code == base::ErrorCode::kConflict) return base::Fail(made.error());
    return base::Fail(made.error().code,
                      made.error().code == base::ErrorCode::kStorageFull
                          ? "There is no space for the backup; the portal's log says more"
                          : "The backup was not made; the portal's log says why",
                      made.error().detail + " " + made.error().internal);
  }
  const service::Manifest& manifest = made->manifest;
  base::JsonObject json;
  json.Text("name", made->folder.filename().string()).Time("made_at", manifest.made_at);
  json.Text("program", manifest.program).Number("schema", manifest.store.schema_version);
  json.Number("tenants", static_cast<std::int64_t>(manifest.store.tenants.size()));
  json.Number("database_bytes", manifest.database.size_bytes);
  json.Number("blobs", static_cast<std::int64_t>(manifest.store.blobs.size()));
  json.Number("blob_bytes", manifest.BlobBytes());
  json.Number("missing_blobs", static_cast<std::int64_t>(manifest.missing_blobs.size()));
  Answer answer;
  answer.body = json.Done();
  return answer;
}

}  // namespace portal::control
