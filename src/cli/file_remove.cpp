#include "base/json_object.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/open_store.h"

namespace portal::cli {
namespace {

/// The file of that name or, where there is none, of that id.
base::Result<model::File> Find(store::Reader& reader, const base::TenantId& tenant, const FileRemoveCommand& command,
                               const std::string& file) {
  model::File found;
  const auto take = [&](const model::FileView& view) {
    found.id = base::FileId(std::string(view.id));
    found.name = view.name;
  };
  base::Status read = reader.files.FindByName(tenant, command.job, file, take);
  if (!read && read.error().code == base::ErrorCode::kNotFound) {
    read = reader.files.Find(tenant, command.job, file, take);
  }
  if (read) return found;
  if (read.error().code != base::ErrorCode::kNotFound) return base::Fail(read.error());
  return base::Fail(base::ErrorCode::kNotFound, "job " + command.job + " has no file \"" + file + "\"");
}

}  // namespace

int FileRemove(const FileRemoveCommand& command, const config::Config& config, Console& console) {
  auto store = OpenedStore::Open(config, app::DataFolder::Create::kNo);
  if (!store) return console.Fail(store.error());
  const auto tenant = (*store)->reader().tenants.FindBySlug(command.tenant);
  if (!tenant) return console.Fail(tenant.error());
  std::vector<model::File> files;
  for (const std::string& file : command.files) {
    auto found = Find((*store)->reader(), tenant->id, command, file);
    if (!found) return console.Fail(found.error());
    files.push_back(*std::move(found));
  }
  const base::Status written = (*store)->writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
    for (const model::File& file : files) {
      if (auto gone = transaction.DeleteFile(tenant->id, base::JobId(command.job), file.id); !gone) return gone;
    }
    return {};
  });
  if (!written) return console.Fail(written.error());
  for (const model::File& file : files) {
    base::JsonObject json;
    json.Text("id", file.id.value()).Text("name", file.name);
    console.Data(command.json ? json.Line() : file.name + "\n");
  }
  console.Message(std::to_string(files.size()) + (files.size() == 1 ? " file" : " files") + " deleted from " +
                  command.job);
  return kExitOk;
}

}  // namespace portal::cli
