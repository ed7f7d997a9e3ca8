#include <memory>

#include "cli/words/families.h"

namespace portal::cli {

void AddPurgeWords(Words& app) {
  const auto given = std::make_shared<PurgeCommand>();
  Words purge =
      app.Add("purge", "Make deletions final that are older than deletion.retention", [given] { return *given; });
  purge.Flag("--all", given->all,
             "All deletions, however young, and all copies of the database from before an upgrade");
  purge.Flag("--quiet", given->quiet, "No progress");
  purge.Json(given->json);
}

}  // namespace portal::cli
