#include "service/purge.h"

#include "base/time_text.h"
#include "blob/blob_store.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/open_store.h"
#include "cli/progress_bar.h"

namespace portal::cli {
namespace {

std::string Count(std::int64_t number, const char* one, const char* many) {
  return std::to_string(number) + " " + (number == 1 ? one : many);
}

std::int64_t Rows(const service::PurgeReport::Removed& gone) {
  return gone.contacts + gone.jobs + gone.files + gone.feed_batches;
}

std::string Gone(const service::PurgeReport::Removed& gone) {
  return Count(gone.tenants, "tenant", "tenants") + ", " + Count(Rows(gone), "row", "rows") + ", " +
         Count(gone.blob_files, "blob", "blobs") + " of " + Count(gone.blob_bytes, "byte", "bytes");
}

void Tell(const service::PurgeReport& report, Console& console) {
  console.Message("purged: " + Gone(report.removed));
  if (report.removed.upgrade_copies > 0) {
    console.Message("copies from before an upgrade removed: " + std::to_string(report.removed.upgrade_copies));
  }
  if (report.contacts_search_merged || report.jobs_search_merged) console.Message("words of deleted rows removed");
  if (report.blobs_needed) console.Message("blobs stay for now: a backup or an export needs them");
  if (!report.complete) {
    console.Message(
        "readers are in the way: traces of what was deleted may be left in pages or in the log until the next "
        "purge; one that the portal makes by itself is enough");
  }
  if (report.next_due) {
    console.Message("waiting: " + Count(report.waiting.tenants, "tenant", "tenants") + ", " +
                    Count(report.waiting.blobs, "blob", "blobs") + " of " +
                    Count(report.waiting.blob_bytes, "byte", "bytes") +
                    (report.waiting.search ? ", words of deleted rows" : "") + "; due from " +
                    base::FormatRfc3339(*report.next_due) + " on");
  }
}

}  // namespace

int Purge(const PurgeCommand& command, const config::Config& config, Console& console) {
  auto store = OpenedStore::Open(config, app::DataFolder::Create::kNo);
  if (!store) return console.Fail(store.error());
  auto blobs = blob::BlobStore::Open((*store)->folder().blobs(), blob::BlobStore::Sync::kYes);
  if (!blobs) return console.Fail(blobs.error());
  service::Purge purge((*store)->database(), *blobs, (*store)->folder().path(), config.deletion.retention,
                       (*store)->clock(), (*store)->logger());
  ProgressBar bar(console, command.quiet);
  const auto due = command.all ? service::Purge::Due::kAll : service::Purge::Due::kByRetention;
  const auto report = purge.Run(due, [&](const service::PurgeReport& so_far, std::chrono::nanoseconds) {
    bar.Show(std::nullopt, Gone(so_far.removed) + " purged");
    return true;
  });
  if (!report) return console.Fail(report.error());
  Tell(*report, console);
  if (command.json) console.Data(report->Json() + "\n");
  return kExitOk;
}

}  // namespace portal::cli
