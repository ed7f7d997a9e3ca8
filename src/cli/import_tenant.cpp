#include <signal.h>
#include <sys/signalfd.h>

#include "base/unique_fd.h"
#include "blob/blob_store.h"
#include "cli/archive_counts.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/input_file.h"
#include "cli/open_store.h"
#include "cli/progress_bar.h"
#include "model/tenant.h"
#include "service/archive/tenant_import.h"

namespace portal::cli {
namespace {

/// Before anything is read, so that a complaint about a name is not taken for one about the archive.
base::Status CheckNames(const ImportTenantCommand& command) {
  if (!model::IsTenantSlug(command.tenant)) {
    return base::Fail(base::ErrorCode::kValidation,
                      "--tenant: \"" + command.tenant + "\" is not 1 to 40 of a-z, 0-9 and inner -");
  }
  if (!command.bucket.empty() && !model::IsBucketName(command.bucket)) {
    return base::Fail(base::ErrorCode::kValidation,
                      "--bucket: \"" + command.bucket + "\" is not 1 to 64 of A-Z, a-z, 0-9, _, . and -");
  }
  return {};
}

/// SIGINT and SIGTERM as something to wait for: half a tenant is to be removed before the process ends.
base::UniqueFd StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  base::UniqueFd fd(::signalfd(-1, &signals, SFD_CLOEXEC));
  if (fd) ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return fd;
}

}  // namespace

int ImportTenant(const ImportTenantCommand& command, const config::Config& config, Console& console) {
  if (auto good = CheckNames(command); !good) return console.Fail(good.error());
  const base::UniqueFd stop = StopSignals();  // before any other thread exists, which would be ended by them
  // Before the data folder: it may make this process act as another user, who cannot see the caller's files.
  auto input = OpenInput(command.file);
  if (!input) return console.Fail(input.error());
  auto store = OpenedStore::Open(config, app::DataFolder::Create::kYes);
  if (!store) return console.Fail(store.error());
  const auto blobs = blob::BlobStore::Open((*store)->folder().blobs(), blob::BlobStore::Sync::kYes);
  if (!blobs) return console.Fail(blobs.error());

  ProgressBar bar(console, command.quiet);
  const auto counts = service::ImportTenant(input->fd.get(), {command.tenant, command.bucket, stop.get()},
                                            (*store)->database(), *blobs, (*store)->folder().path(), (*store)->clock(),
                                            [&](std::uint64_t bytes_read, const service::TenantArchiveCounts& so_far) {
                                              std::optional<double> done;
                                              if (input->size > 0)
                                                done =
                                                    static_cast<double>(bytes_read) / static_cast<double>(input->size);
                                              bar.Show(done, ToText(so_far) + "; suspended until all of it is in");
                                            });
  if (!counts) {
    base::Error error = counts.error();
    if (error.code == base::ErrorCode::kValidation) error.detail = NameOfInput(command.file) + ": " + error.detail;
    if (error.code == base::ErrorCode::kConflict) {
      error.detail +=
          ". If an import that was cut off left it behind, remove it with: portal-appliance tenant delete " +
          command.tenant + " --confirm; else choose another --tenant or --bucket";
    }
    return console.Fail(error);
  }
  console.Message(command.tenant + " imported: " + ToText(*counts) +
                  ". Its clients need new tokens: portal-appliance client create --tenant " + command.tenant);
  if (command.json) console.Data(ToJson(command.tenant, *counts));
  return kExitOk;
}

}  // namespace portal::cli
