#include "service/backup/restore.h"

#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/hex.h"
#include "base/time_text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/json_object.h"
#include "cli/number_text.h"
#include "cli/passphrase.h"
#include "cli/progress_bar.h"

namespace portal::cli {
namespace {

using service::BackupProgress;

/// Files that root made would lock the service out: they go to whom the place belongs, or else to whom the backup
/// does, which was made as the owner of the data folder.
std::optional<service::FileOwner> OwnerFor(const std::filesystem::path& target, const std::filesystem::path& source) {
  if (::geteuid() != 0) return std::nullopt;
  struct stat info {};
  if (::stat(target.c_str(), &info) != 0 && ::stat((source / "portal.db").c_str(), &info) != 0) return std::nullopt;
  return service::FileOwner{info.st_uid, info.st_gid};
}

std::string Describe(BackupProgress::Step step, bool dry_run) {
  switch (step) {
    case BackupProgress::Step::kDatabase:
      return dry_run ? "reading the database" : "copying the database";
    case BackupProgress::Step::kChecking:
      return "checking the database";
    case BackupProgress::Step::kBlobs:
      return dry_run ? "reading the files" : "copying the files";
  }
  return {};
}

void Report(const RestoreCommand& command, const service::RestoreOptions& options, const service::RestoreReport& report,
            Console& console) {
  const service::Manifest& manifest = report.manifest;
  if (command.json) {
    JsonObject json;
    json.Text("source", options.source.string()).Time("made_at", manifest.made_at);
    json.Text("program", manifest.program).Number("schema", manifest.store.schema_version);
    json.Number("tenants", static_cast<std::int64_t>(manifest.store.tenants.size()));
    json.Number("blobs", static_cast<std::int64_t>(manifest.store.blobs.size()));
    json.Number("bytes", manifest.SizeBytes()).Boolean("keys", report.keys_restored);
    json.Number("missing_blobs", static_cast<std::int64_t>(manifest.missing_blobs.size()));
    json.Boolean("restored", !options.dry_run);
    console.Data(json.Line());
  } else {
    console.Data((options.dry_run ? options.source : options.target).string() + "\n");
  }
  console.Message("the backup of " + base::FormatRfc3339(manifest.made_at) +
                  " is whole: " + Grouped(manifest.store.tenants.size()) + " tenants, " +
                  Grouped(manifest.store.blobs.size()) + " files, " + ByteSize(manifest.SizeBytes()));
  if (!manifest.missing_blobs.empty()) {
    console.Message(Grouped(manifest.missing_blobs.size()) +
                    " files had lost their bytes before it was made; their rows are there and their downloads fail");
  }
  if (options.dry_run) return;
  console.Message("restored to " + options.target.string());
  if (report.keys_restored) {
    console.Message("with its signing keys: signed URLs given out before still work");
  } else {
    console.Message("without signing keys: the portal makes new ones, so signed URLs and cursors given out so far end" +
                    std::string(manifest.keys ? "; --with-keys brings the sealed ones back" : ""));
  }
}

}  // namespace

int Restore(const RestoreCommand& command, const config::Config& config, Console& console) {
  if (!command.confirm && !command.dry_run) {
    console.Error("add --confirm to restore into " + config.data_dir.string() + ", or --dry-run to verify only");
    return kExitUsage;
  }
  service::RestoreOptions options;
  options.source = command.source;
  if (command.latest) {
    auto latest = service::LatestBackup(command.source, base::SystemClock().Wall());
    if (!latest) return console.Fail(latest.error());
    console.Message("the latest backup is " + latest->string());
    options.source = std::move(*latest);
  }
  if (command.with_keys || command.passphrase_file) {
    auto passphrase = ReadPassphrase(command.passphrase_file, false, console);
    if (!passphrase) return console.Fail(passphrase.error());
    options.passphrase = std::move(*passphrase);
  }
  options.target = config.data_dir;
  options.dry_run = command.dry_run;
  options.owner = OwnerFor(options.target, options.source);
  ProgressBar bar(console, command.quiet);
  options.watch = [&](const BackupProgress& progress) {
    bar.Show(progress.Done(), Describe(progress.step, command.dry_run));
    return false;
  };
  const auto restored = service::Restore(options);
  if (!restored) return console.Fail(restored.error());
  Report(command, options, *restored, console);
  return kExitOk;
}

}  // namespace portal::cli
