#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/hex.h"
#include "base/unique_fd.h"
#include "blob/blob_store.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/file_selection.h"
#include "cli/json_object.h"
#include "cli/open_store.h"
#include "model/file.h"
#include "service/stored_file.h"

namespace portal::cli {
namespace {

namespace fs = std::filesystem;

base::Result<base::UniqueFd> OpenRegular(const fs::path& path) {
  const app::CallerScope caller;  // it is the caller's file, not the data folder's owner's
  base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) {
    return base::Fail(base::ErrorCode::kValidation, path.string() + " cannot be read: " + std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    return base::Fail(base::ErrorCode::kValidation, path.string() + " is not a regular file");
  }
  return fd;
}

base::Result<model::File> Store(const FilePutCommand& command, OpenedStore& store, const blob::BlobStore& blobs,
                                const base::TenantId& tenant, const std::string& name, const fs::path& path) {
  auto fd = OpenRegular(path);
  if (!fd) return base::Fail(std::move(fd.error()));
  auto staged = blobs.Stage(fd->get());
  if (!staged) return base::Fail(std::move(staged.error()));
  service::FileDescription description;
  description.job = base::JobId{command.job};
  description.name = name;
  description.kind = command.kind;
  description.created_at = store.clock().Wall();
  return service::StoreFile(store.writer(), blobs, tenant, description, *std::move(staged))
      .map([](service::StoredFile&& stored) { return std::move(stored.file); });
}

void Print(const model::File& file, bool as_json, Console& console) {
  if (!as_json) {
    console.Data(file.name + "\n");
    return;
  }
  JsonObject json;
  json.Text("job", file.job_id.value()).Text("name", file.name).Text("kind", model::ToText(file.kind));
  json.Text("content_type", file.content_type).Number("size", file.size_bytes);
  console.Data(json.Text("sha256", base::ToHex(file.sha256)).Line());
}

}  // namespace

int FilePut(const FilePutCommand& command, const config::Config& config, Console& console) {
  auto store = OpenedStore::Open(config, app::DataFolder::Create::kNo);
  if (!store) return console.Fail(store.error());
  const auto tenant = (*store)->reader().tenants.FindBySlug(command.tenant);
  if (!tenant) return console.Fail(tenant.error());
  const auto job = (*store)->reader().jobs.Exists(tenant->id, command.job);
  if (!job) return console.Fail(job.error());
  if (!*job) {
    return console.Fail({base::ErrorCode::kNotFound, command.tenant + " has no job " + command.job, {}, {}});
  }
  const auto selected = SelectFiles(command.paths, (*store)->folder());
  if (!selected) return console.Fail(selected.error());
  const NamedPaths& files = selected->files;
  auto blobs = blob::BlobStore::Open((*store)->folder().blobs(), blob::BlobStore::Sync::kYes);
  if (!blobs) return console.Fail(blobs.error());

  std::size_t done = 0;
  for (const auto& [name, path] : files) {
    if (!command.quiet) {
      console.Progress("[" + std::to_string(done) + "/" + std::to_string(files.size()) + "] " + name);
    }
    const auto stored = Store(command, **store, *blobs, tenant->id, name, path);
    if (!stored) {
      console.Message(std::to_string(done) + " of " + std::to_string(files.size()) + " files stored");
      return console.Fail(stored.error());
    }
    Print(*stored, command.json, console);
    ++done;
  }
  console.Message(std::to_string(done) + (done == 1 ? " file" : " files") + " stored in " + command.job);
  if (selected->passed_over > 0) {
    console.Message(std::to_string(selected->passed_over) +
                    " passed over in folders: hidden, or neither file nor folder; name them to store them");
  }
  return kExitOk;
}

}  // namespace portal::cli
