#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/data_folder.h"
#include "base/clock.h"
#include "base/logger.h"
#include "base/result.h"
#include "config/config.h"
#include "model/tenant.h"
#include "store/database.h"
#include "store/reader.h"
#include "store/writer.h"

namespace portal::cli {

/// The data folder and its database, for one command. Beside a serving process, too.
class OpenedStore {
 public:
  /// `create`: makes folder and database where there are none.
  static base::Result<std::unique_ptr<OpenedStore>> Open(const config::Config& config, app::DataFolder::Create create);

  store::Reader& reader() { return database_->reader(base::WorkerId{0}); }
  store::Writer& writer() { return database_->writer(); }
  store::Database& database() { return *database_; }
  const app::DataFolder& folder() const { return folder_; }
  const base::Clock& clock() const { return clock_; }
  base::Logger& logger() { return logger_; }

 private:
  OpenedStore(app::DataFolder folder, base::LogLevel level);

  base::SystemClock clock_;
  app::DataFolder folder_;
  base::Logger logger_;
  std::unique_ptr<store::Database> database_;
};

/// The tenant of that slug, or all of them where it is empty. kNotFound names the slug.
base::Result<std::vector<model::Tenant>> TenantsNamed(OpenedStore& store, const std::string& slug);
/// Whose client that is. kNotFound names the client.
base::Result<base::TenantId> OwnerOf(OpenedStore& store, const std::string& client);

}  // namespace portal::cli
