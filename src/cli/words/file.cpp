#include <memory>

#include "cli/words/families.h"

namespace portal::cli {
namespace {

struct Given {
  FilePutCommand put;
  std::string kind;
};

}  // namespace

void AddFileWords(Words& app) {
  const auto given = std::make_shared<Given>();
  Words family = app.Family("file", "Files of jobs");
  Words put = family.Add("put", "Add files, and what folders hold, to a job", [given] {
    if (!given->kind.empty()) given->put.kind = model::ParseFileKind(given->kind);
    return given->put;
  });
  put.Option("PATH", given->put.paths, "Files and folders").Required();
  put.Option("--tenant", given->put.tenant, "Whose job it is").Required();
  put.Option("--job", given->put.job, "The job's id").Required();
  put.Option("--kind", given->kind, "By default the content tells")
      .OneOf({model::kFileKindNames.begin(), model::kFileKindNames.end()});
  put.Flag("--quiet", given->put.quiet, "Only the list of what is stored");
  put.Json(given->put.json);

  const auto listed = std::make_shared<FileListCommand>();
  Words list = family.Add("list", "Show a job's files", [listed] { return *listed; });
  list.Option("--tenant", listed->tenant, "Whose job it is").Required();
  list.Option("--job", listed->job, "The job's id").Required();
  list.Json(listed->json);

  const auto removed = std::make_shared<FileRemoveCommand>();
  Words remove =
      family.Add("rm", "Delete files of a job; their bytes follow with the purge", [removed] { return *removed; });
  remove.Option("FILE", removed->files, "Names or ids").Required();
  remove.Option("--tenant", removed->tenant, "Whose job it is").Required();
  remove.Option("--job", removed->job, "The job's id").Required();
  remove.Json(removed->json);
}

}  // namespace portal::cli
