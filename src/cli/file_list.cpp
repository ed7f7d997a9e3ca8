#include "base/hex.h"
#include "base/json_object.h"
#include "base/time_text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/open_store.h"
#include "cli/text_table.h"
#include "model/page.h"

namespace portal::cli {
namespace {

constexpr std::int64_t kRowsARead = 200;

std::string Json(const model::FileView& file) {
  base::JsonObject json;
  json.Text("id", file.id).Text("name", file.name).Text("kind", model::ToText(file.kind));
  json.Text("content_type", file.content_type).Number("size", file.size_bytes);
  return json.Text("sha256", base::ToHex(file.sha256)).Time("created_at", file.created_at).Done();
}

}  // namespace

int FileList(const FileListCommand& command, const config::Config& config, Console& console) {
  auto store = OpenedStore::Open(config, app::DataFolder::Create::kNo);
  if (!store) return console.Fail(store.error());
  store::Reader& reader = (*store)->reader();
  const auto tenant = reader.tenants.FindBySlug(command.tenant);
  if (!tenant) return console.Fail(tenant.error());
  base::JsonArray json;
  std::vector<std::vector<std::string>> rows = {{"ID", "NAME", "KIND", "SIZE", "TYPE", "CREATED"}};
  const auto snapshot = reader.Begin(false);
  if (!snapshot) return console.Fail(snapshot.error());
  model::FileQuery query;
  query.sort = model::FileSort::kName;
  query.direction = model::Direction::kAscending;
  query.limit = kRowsARead;
  bool more = true;
  while (more) {
    const auto page = reader.files.List(tenant->id, command.job, query, [&](const model::FileView& file) {
      if (command.json) {
        json.Add(Json(file));
      } else {
        rows.push_back({std::string(file.id), std::string(file.name), std::string(model::ToText(file.kind)),
                        std::to_string(file.size_bytes), std::string(file.content_type),
                        base::FormatRfc3339(file.created_at)});
      }
    });
    if (!page) return console.Fail(page.error());
    query.start.offset += kRowsARead;
    more = page->total > query.start.offset;
  }
  console.Data(command.json ? json.Line() : TextTable(rows));
  return kExitOk;
}

}  // namespace portal::cli
