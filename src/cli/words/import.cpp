#include <memory>

#include "cli/words/families.h"

namespace portal::cli {
namespace {

struct Given {
  ImportCommand command;
  std::string format;
  std::string on_error;
};

ImportCommand Make(Given& given, service::ImportKind kind) {
  given.command.options.kind = kind;
  given.command.options.on_bad_row = given.on_error == "skip" ? service::OnBadRow::kSkip : service::OnBadRow::kStop;
  if (!given.format.empty()) {
    given.command.format = given.format == "csv" ? service::ImportFormat::kCsv : service::ImportFormat::kNdjson;
  }
  return given.command;
}

}  // namespace

void AddImportWords(Words& app) {
  const auto given = std::make_shared<Given>();
  Words family = app.Family("import", "Read contacts or jobs from CSV or NDJSON");
  for (const auto& [name, columns, kind] :
       {std::tuple{"contacts", "id,name,email,phone,company,address,created_at,updated_at",
                   service::ImportKind::kContacts},
        std::tuple{"jobs", "id,title,status,contact_id,address,scheduled_at,completed_at,created_at,updated_at",
                   service::ImportKind::kJobs}}) {
    Words command = family.Add(name, std::string("Add or replace by id. Columns: ") + columns,
                               [given, kind = kind] { return Make(*given, kind); });
    ImportCommand& import = given->command;
    command.Option("FILE", import.file, "The file; - is standard input").Required();
    command.Option("--tenant", import.tenant, "Whose rows they are").Required();
    command.Option("--format", given->format, "By default the file's name tells, or its first byte")
        .OneOf({"csv", "ndjson"});
    command.Option("--on-error", given->on_error, "What a bad row does [stop]").OneOf({"stop", "skip"});
    command.Option("--batch", import.options.batch_rows, "Rows a transaction [10000]").Between(1, 1'000'000);
    command.Flag("--ignore-unknown", import.options.ignore_unknown_columns, "Skip columns of other names");
    command.Flag("--quiet", import.quiet, "No progress, only the summary");
    command.Json(import.json);
  }
}

}  // namespace portal::cli
