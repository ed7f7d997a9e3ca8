#include "service/backup/backup.h"

#include <utility>

#include "app/data_folder.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/time_text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/json_object.h"
#include "cli/number_text.h"
#include "cli/passphrase.h"
#include "cli/progress_bar.h"
#include "cli/text_table.h"

namespace portal::cli {
namespace {

using service::BackupProgress;

const char* Describe(BackupProgress::Step step) {
  switch (step) {
    case BackupProgress::Step::kDatabase:
      return "copying the database";
    case BackupProgress::Step::kChecking:
      return "checking the database";
    case BackupProgress::Step::kBlobs:
      return "taking files along";
  }
  return "";
}

JsonObject Describe(const std::filesystem::path& folder, const service::Manifest& manifest) {
  JsonObject json;
  json.Text("folder", folder.string()).Time("made_at", manifest.made_at).Text("program", manifest.program);
  json.Number("schema", manifest.store.schema_version).Text("epoch", manifest.store.epoch);
  json.Number("tenants", static_cast<std::int64_t>(manifest.store.tenants.size()));
  json.Number("database_bytes", manifest.database.size_bytes).Number("blob_bytes", manifest.BlobBytes());
  json.Number("blobs", static_cast<std::int64_t>(manifest.store.blobs.size()));
  json.Number("missing_blobs", static_cast<std::int64_t>(manifest.missing_blobs.size()));
  json.Boolean("keys", manifest.keys.has_value());
  return json;
}

int List(const std::filesystem::path& destination, bool as_json, Console& console) {
  const auto backups = service::ListBackups(destination);
  if (!backups) return console.Fail(backups.error());
  JsonArray json;
  std::vector<std::vector<std::string>> rows = {{"FOLDER", "MADE", "TENANTS", "FILES", "SIZE", "KEYS", "LOST"}};
  for (const auto& [folder, manifest] : *backups) {
    json.Add(Describe(folder, manifest).Done());
    rows.push_back({folder.filename().string(), base::FormatRfc3339(manifest.made_at),
                    Grouped(manifest.store.tenants.size()), Grouped(manifest.store.blobs.size()),
                    ByteSize(manifest.SizeBytes()), manifest.keys ? "sealed" : "-",
                    manifest.missing_blobs.empty() ? "-" : Grouped(manifest.missing_blobs.size())});
  }
  console.Data(as_json ? json.Line() : TextTable(rows));
  return kExitOk;
}

void Report(const BackupCommand& command, const service::BackupReport& report, double seconds, Console& console) {
  const service::Manifest& manifest = report.manifest;
  if (command.json) {
    JsonObject json = Describe(report.folder, manifest);
    json.Number("linked", static_cast<std::int64_t>(report.linked_blobs));
    json.Number("copied", static_cast<std::int64_t>(report.copied_blobs));
    json.Number("removed", static_cast<std::int64_t>(report.removed.size()));
    json.Number("wal_growth_bytes", report.wal_growth_bytes);
    json.Number("milliseconds", static_cast<std::int64_t>(seconds * 1000));
    console.Data(json.Line());
  } else {
    console.Data(report.folder.string() + "\n");
  }
  console.Message("database " + ByteSize(manifest.database.size_bytes) + ", " + Grouped(manifest.store.blobs.size()) +
                  " files of " + ByteSize(manifest.BlobBytes()) + " (" + Grouped(report.linked_blobs) + " linked, " +
                  Grouped(report.copied_blobs) + " copied), checked and on disk");
  if (!report.removed.empty()) console.Message(Grouped(report.removed.size()) + " older backups removed");
  for (const std::filesystem::path& folder : report.from_the_future) {
    console.Message(folder.string() + " is dated later than now, so --keep leaves it; remove it, or set the clock");
  }
  if (!manifest.keys) {
    console.Message("the signing keys are not in it; --with-keys takes them along, sealed with a passphrase");
  }
  for (const model::ContentHash& hash : manifest.missing_blobs) {
    console.Error("the live store has lost a file's bytes: blob " + base::ToHex(hash));
  }
}

}  // namespace

int Backup(const BackupCommand& command, const config::Config& config, Console& console) {
  const std::filesystem::path destination = command.destination.empty() ? config.backup.dir : command.destination;
  if (destination.empty()) {
    console.Error("say where to: portal-appliance backup DEST, or set backup.dir");
    return kExitUsage;
  }
  if (command.list) return List(destination, command.json, console);
  service::BackupOptions options;
  if (command.with_keys || command.passphrase_file) {
    auto passphrase = ReadPassphrase(command.passphrase_file, true, console);
    if (!passphrase) return console.Fail(passphrase.error());
    options.passphrase = std::move(*passphrase);
  }
  const auto folder = app::DataFolder::Open(config.data_dir, app::DataFolder::Create::kNo);
  if (!folder) return console.Fail(folder.error());
  options.data_folder = folder->path();
  options.destination = destination;
  options.keep = command.keep;
  options.deep = command.deep;
  ProgressBar bar(console, command.quiet);
  options.watch = [&](const BackupProgress& progress) {
    bar.Show(progress.Done(), Describe(progress.step));
    return false;
  };
  const base::SystemClock clock;
  const auto made = service::MakeBackup(options, clock);
  if (!made) return console.Fail(made.error());
  Report(command, *made, bar.Seconds(), console);
  return made->manifest.missing_blobs.empty() ? kExitOk : kExitRejected;
}

}  // namespace portal::cli
