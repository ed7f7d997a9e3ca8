#include <memory>

#include "cli/words/families.h"

namespace portal::cli {
namespace {

struct Given {
  BackupCommand backup;
  RestoreCommand restore;
};

void AddBackup(Words& app, const std::shared_ptr<Given>& given) {
  BackupCommand& command = given->backup;
  Words backup =
      app.Add("backup", "Copy the data folder, beside a serving portal too", [given] { return given->backup; });
  backup.Option("DEST", command.destination, "A folder, best on another disk; by default backup.dir");
  backup.Option("--keep", command.keep, "Backups of this store that stay; by default all").Between(1, 100'000);
  backup.Flag("--deep", command.deep, "Hash files too that are only linked");
  backup.Flag("--with-keys", command.with_keys, "Take the signing keys along, sealed with a passphrase");
  backup
      .Option("--passphrase-file", command.passphrase_file,
              "Its first line is the passphrase; else PORTAL_BACKUP_PASSPHRASE, else the terminal is asked")
      .Placeholder("FILE");
  backup.Flag("--quiet", command.quiet, "No progress, only the summary");
  backup.Json(command.json);
  Words list = backup.Add("list", "Show the backups in a folder", [given] {
    given->backup.list = true;
    return given->backup;
  });
  list.Option("DEST", command.destination, "The folder; by default backup.dir");
  list.Json(command.json);
}

void AddRestore(Words& app, const std::shared_ptr<Given>& given) {
  RestoreCommand& command = given->restore;
  Words restore = app.Add("restore", "Make the data folder, which must be empty or missing, from a backup",
                          [given] { return given->restore; });
  restore.Option("SRC", command.source, "The folder of one backup").Required();
  restore.Flag("--latest", command.latest, "SRC holds many backups: take the newest");
  restore.Flag("--confirm", command.confirm, "Do it");
  restore.Flag("--dry-run", command.dry_run, "Verify everything and write nothing");
  restore.Flag("--with-keys", command.with_keys, "Bring the sealed signing keys back");
  restore
      .Option("--passphrase-file", command.passphrase_file,
              "Its first line is the passphrase; else PORTAL_BACKUP_PASSPHRASE, else the terminal is asked")
      .Placeholder("FILE");
  restore.Flag("--quiet", command.quiet, "No progress, only the summary");
  restore.Json(command.json);
}

}  // namespace

void AddBackupWords(Words& app) {
  const auto given = std::make_shared<Given>();
  AddBackup(app, given);
  AddRestore(app, given);
}

}  // namespace portal::cli
