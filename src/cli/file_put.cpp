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
#include "crypto/random.h"
#include "model/file.h"
#include "service/content_type.h"

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

/// Stores files of one job, blob first: a row never names bytes that are not there.
class FileStorer {
 public:
  FileStorer(const FilePutCommand& command, OpenedStore& store, blob::BlobStore& blobs, const base::TenantId& tenant)
      : command_(command), store_(store), blobs_(blobs), tenant_(tenant) {}

  base::Result<model::File> Store(const std::string& name, const fs::path& path) {
    auto fd = OpenRegular(path);
    if (!fd) return base::Fail(std::move(fd.error()));
    auto type = Sniff(fd->get(), path);
    if (!type) return base::Fail(std::move(type.error()));
    auto stored = blobs_.Put(fd->get());
    if (!stored) return base::Fail(std::move(stored.error()));
    model::File file;
    file.id = base::FileId{crypto::RandomId("file_", 20)};
    file.job_id = base::JobId{command_.job};
    file.name = name;
    file.content_type = *type;
    file.kind = command_.kind.value_or(service::KindOf(*type));
    file.size_bytes = stored->size_bytes;
    file.sha256 = stored->sha256;
    file.created_at = store_.clock().Wall();
    const auto written = store_.writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
      auto outcome = transaction.PutFile(tenant_, file);
      if (!outcome) return base::Fail(std::move(outcome.error()));
      return {};
    });
    if (!written) return base::Fail(written.error());
    return file;
  }

 private:
  base::Result<std::string_view> Sniff(int fd, const fs::path& path) {
    head_.resize(service::kSniffBytes);
    const ssize_t got = ::pread(fd, head_.data(), head_.size(), 0);
    if (got < 0) {
      return base::Fail(base::ErrorCode::kValidation, path.string() + " cannot be read: " + std::strerror(errno));
    }
    const auto size = static_cast<std::size_t>(got);
    return service::SniffContentType(std::string_view(head_).substr(0, size), size < head_.size());
  }

  const FilePutCommand& command_;
  OpenedStore& store_;
  blob::BlobStore& blobs_;
  const base::TenantId& tenant_;
  std::string head_;
};

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

  FileStorer storer(command, **store, *blobs, tenant->id);
  std::size_t done = 0;
  for (const auto& [name, path] : files) {
    if (!command.quiet) {
      console.Progress("[" + std::to_string(done) + "/" + std::to_string(files.size()) + "] " + name);
    }
    const auto stored = storer.Store(name, path);
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
