#include <memory>

#include "cli/words/families.h"

namespace portal::cli {
namespace {

struct Given {
  ImportCommand command;
  std::string format;
  std::string on_error;
  bool deletes = false;
};

ImportCommand Make(Given& given, service::ImportKind kind) {
  given.command.options.kind = kind;
  if (given.deletes) given.command.options.operation = service::ImportOperation::kDelete;
  given.command.options.on_bad_row = given.on_error == "skip" ? service::OnBadRow::kSkip : service::OnBadRow::kStop;
  if (!given.format.empty()) {
    given.command.format = given.format == "csv" ? service::ImportFormat::kCsv : service::ImportFormat::kNdjson;
  }
  return given.command;
}

void AddImportTenant(Words& family) {
  const auto given = std::make_shared<ImportTenantCommand>();
  Words command = family.Add("tenant", "Make a tenant of what export wrote", [given] { return *given; });
  command.Option("FILE", given->file, "The archive; - is standard input").Required();
  command.Option("--tenant", given->tenant, "The new tenant's short name: 1 to 40 of a-z, 0-9 and -").Required();
  command.Option("--bucket", given->bucket, "The first part of its signed URLs' paths; by default portal-files-SLUG");
  command.Flag("--quiet", given->quiet, "No progress, only the summary");
  command.Json(given->json);
}

}  // namespace

void AddImportWords(Words& app) {
  const auto given = std::make_shared<Given>();
  Words family = app.Family("import", "Read contacts, jobs or file rows from CSV or NDJSON, or a whole tenant");
  for (const auto& [name, columns, kind] :
       {std::tuple{"contacts", "id,name,email,phone,company,address,created_at,updated_at",
                   service::ImportKind::kContacts},
        std::tuple{"jobs", "id,title,status,contact_id,address,scheduled_at,completed_at,created_at,updated_at",
                   service::ImportKind::kJobs},
        std::tuple{"files", "job_id,id,name,sha256,kind,content_type,size,created_at; the bytes must be there already",
                   service::ImportKind::kFiles}}) {
    Words command = family.Add(name, std::string("Add or replace by id. Columns: ") + columns,
                               [given, kind = kind] { return Make(*given, kind); });
    ImportCommand& import = given->command;
    command.Option("FILE", import.file, "The file; - is standard input").Required();
    command.Option("--tenant", import.tenant, "Whose rows they are").Required();
    command.Option("--format", given->format, "By default the file's name tells, or its first byte")
        .OneOf({"csv", "ndjson"});
    command.Option("--on-error", given->on_error, "What a bad row does [stop]").OneOf({"stop", "skip"});
    command.Option("--batch", import.options.batch_rows, "Rows a transaction [10000]").Between(1, 1'000'000);
    command.Flag("--delete", given->deletes, "Delete the rows; they need only what tells which they are");
    command.Flag("--ignore-unknown", import.options.ignore_unknown_columns, "Skip columns of other names");
    command.Flag("--quiet", import.quiet, "No progress, only the summary");
    command.Json(import.json);
  }
  AddImportTenant(family);
}

}  // namespace portal::cli
