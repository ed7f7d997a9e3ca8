#include "service/import/import.h"

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/import_report.h"
#include "cli/input_file.h"
#include "cli/open_store.h"
#include "service/import/import_format.h"

namespace portal::cli {

int Import(const ImportCommand& command, const config::Config& config, Console& console) {
  // Before the data folder: it may make this process act as another user, who cannot see the caller's files.
  auto input = OpenInput(command.file);
  if (!input) return console.Fail(input.error());
  auto store = OpenedStore::Open(config, app::DataFolder::Create::kNo);
  if (!store) return console.Fail(store.error());
  const auto tenant = (*store)->reader().tenants.FindBySlug(command.tenant);
  if (!tenant) return console.Fail(tenant.error());

  service::ImportSource source(input->fd.get());
  service::ImportOptions options = command.options;
  options.format = command.format ? *command.format : service::GuessImportFormat(command.file, source);

  ImportReport report(console, options.operation, input->size, command.quiet);
  const service::ImportSummary summary =
      service::Import(source, options, tenant->id, (*store)->database(), (*store)->clock(),
                      [&report](const service::ImportSummary& so_far) { report.Progress(so_far); });
  report.Finish(command.file, summary);
  if (command.json) console.Data(report.Json(summary));
  if (summary.failure) return console.Fail(*summary.failure);
  return summary.rejected == 0 ? kExitOk : kExitRejected;
}

}  // namespace portal::cli
