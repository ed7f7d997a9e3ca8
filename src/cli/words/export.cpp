#include <memory>

#include "cli/words/families.h"

namespace portal::cli {

void AddExportWords(Words& app) {
  const auto given = std::make_shared<ExportCommand>();
  Words command =
      app.Add("export", "Write a tenant's rows and files as one archive, for import tenant",
              [given]() -> tl::expected<Command, std::string> {
                if (given->json && !given->output) {
                  return tl::unexpected<std::string>("--json needs --output, since the archive is on standard output");
                }
                return *given;
              });
  command.Option("--tenant", given->tenant, "Whose data").Required();
  command.Option("-o,--output", given->output, "The file; by default standard output").Placeholder("FILE");
  command.Flag("--quiet", given->quiet, "No progress, only the summary");
  command.Flag("--json", given->json, "Print the summary as JSON; needs --output");
}

}  // namespace portal::cli
