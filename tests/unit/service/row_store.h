#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

#include "base/logger.h"
#include "model/file.h"
#include "store/database.h"
#include "store/writer.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace portal::service {

/// A real store in a temporary folder, with two tenants of which the first has uploaded a blob.
class RowStore : public ::testing::Test {
 protected:
  RowStore() : logger_(clock_, 2, base::LogLevel::kOff) {
    store::Database::Options options;
    options.folder = folder_.path();
    options.durability = store::Durability::kNone;
    auto opened = store::Database::Open(options, clock_, logger_);
    if (!opened) throw std::runtime_error(opened.error().detail);
    database_ = std::move(*opened);
    Write([this](store::WriteTransaction& transaction) -> base::Status {
      tenant_ = transaction.CreateTenant("acme", "Acme", "acme-files")->id;
      other_ = transaction.CreateTenant("globex", "Globex", "globex-files")->id;
      blob_.fill(0xAB);
      return transaction.HoldBlob(tenant_, blob_, 10);
    });
  }

  void Write(base::FunctionRef<base::Status(store::WriteTransaction&)> work) {
    const auto written = database_->writer().Write(work);
    if (!written) throw std::runtime_error(written.error().detail);
  }

  portal::testing::TempFolder folder_;
  portal::testing::ManualClock clock_;  // 2025-09-02T02:05:23.456Z
  base::Logger logger_;
  std::unique_ptr<store::Database> database_;
  base::TenantId tenant_;
  base::TenantId other_;
  model::ContentHash blob_{};
};

}  // namespace portal::service
