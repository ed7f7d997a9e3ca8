#include <algorithm>

#include "blob/blob_store.h"
#include "cli/archive_counts.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/open_store.h"
#include "cli/output_file.h"
#include "cli/progress_bar.h"
#include "service/archive/tenant_export.h"

namespace portal::cli {
namespace {

// For the bar alone: what a row takes beside the bytes of files.
constexpr double kRowBytes = 300;

double Weight(std::int64_t rows, std::int64_t blob_bytes) {
  return static_cast<double>(rows) * kRowBytes + static_cast<double>(blob_bytes);
}

}  // namespace

int Export(const ExportCommand& command, const config::Config& config, Console& console) {
  // Before the data folder: it may make this process act as another user, who may not write the caller's files.
  auto output = OutputFile::Open(command.output);
  if (!output) return console.Fail(output.error());
  auto store = OpenedStore::Open(config, app::DataFolder::Create::kNo);
  if (!store) return console.Fail(store.error());
  const auto tenant = (*store)->reader().tenants.FindBySlug(command.tenant);
  if (!tenant) return console.Fail(tenant.error());
  const auto blobs = blob::BlobStore::Open((*store)->folder().blobs(), blob::BlobStore::Sync::kYes);
  if (!blobs) return console.Fail(blobs.error());

  ProgressBar bar(console, command.quiet);
  const double expected = std::max(1.0, Weight(tenant->contacts + tenant->jobs, tenant->blob_bytes));
  const auto counts = service::ExportTenant(
      *tenant, (*store)->reader(), *blobs, (*store)->folder().path(), (*store)->clock(), output->fd(),
      [&](const service::TenantArchiveCounts& so_far) {
        bar.Show(Weight(so_far.contacts + so_far.jobs, so_far.blob_bytes) / expected, ToText(so_far));
      });
  if (!counts) return console.Fail(counts.error());
  if (auto finished = output->Finish(); !finished) return console.Fail(finished.error());
  console.Message(command.tenant + " exported: " + ToText(*counts) + "; its clients and tokens stay here");
  if (command.json) console.Data(ToJson(command.tenant, *counts));
  return kExitOk;
}

}  // namespace portal::cli
