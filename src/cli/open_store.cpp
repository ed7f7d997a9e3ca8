#include "cli/open_store.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace portal::cli {

OpenedStore::OpenedStore(app::DataFolder folder, base::LogLevel level)
    : folder_(std::move(folder)), logger_(clock_, STDERR_FILENO, level) {}

base::Result<std::unique_ptr<OpenedStore>> OpenedStore::Open(const config::Config& config,
                                                             app::DataFolder::Create create) {
  auto folder = app::DataFolder::Open(config.data_dir, create);
  if (!folder) return base::Fail(std::move(folder.error()));
  // A command's own messages are for people; of the log lines only warnings concern whoever typed it.
  const base::LogLevel level = std::max(config.log.level, base::LogLevel::kWarning);
  std::unique_ptr<OpenedStore> opened(new OpenedStore(std::move(*folder), level));
  store::Database::Options options;
  options.folder = opened->folder_.path();
  options.workers = 1;
  options.create = create == app::DataFolder::Create::kYes;
  auto database = store::Database::Open(options, opened->clock_, opened->logger_);
  if (!database) return base::Fail(std::move(database.error()));
  opened->database_ = std::move(*database);
  return opened;
}

base::Result<std::vector<model::Tenant>> TenantsNamed(OpenedStore& store, const std::string& slug) {
  if (slug.empty()) return store.reader().tenants.All();
  auto tenant = store.reader().tenants.FindBySlug(slug);
  if (!tenant) return base::Fail(std::move(tenant.error()));
  return std::vector<model::Tenant>{std::move(*tenant)};
}

base::Result<base::TenantId> OwnerOf(OpenedStore& store, const std::string& client) {
  const auto entry = store.reader().tenants.FindClient(client);
  if (!entry) return base::Fail(entry.error());
  if (!*entry) {
    return base::Fail(base::ErrorCode::kNotFound,
                      "there is no client " + client + "; `portal-appliance client list` shows them");
  }
  return (*entry)->tenant;
}

}  // namespace portal::cli
