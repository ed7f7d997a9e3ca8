#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "base/hex.h"
#include "crypto/hash.h"
#include "service/purge.h"
#include "service/stored_file.h"
#include "store/reader.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace portal::service {

inline base::WallTime Ms(std::int64_t ms) { return base::WallTime{std::chrono::milliseconds{ms}}; }

/// Two tenants with a job each, whose clock stands still.
class Purges : public ::testing::Test {
 protected:
  Purges() {
    Open();
    Write([&](store::WriteTransaction& t) -> base::Status {
      acme_ = t.CreateTenant("acme", "Acme", "acme-files")->id;
      globex_ = t.CreateTenant("globex", "Globex", "globex-files")->id;
      for (const base::TenantId& tenant : {acme_, globex_}) EXPECT_TRUE(t.UpsertJob(tenant, JobOf(1, "Roof")));
      return {};
    });
  }
  ~Purges() override { database_.reset(); }

  void Open() {
    database_.reset();
    auto opened =
        store::Database::Open({.folder = folder_.path(), .durability = store::Durability::kNone}, clock_, logger_);
    if (!opened) throw std::runtime_error(opened.error().internal);
    database_ = std::move(*opened);
  }
  static model::Contact ContactOf(std::int64_t number, const std::string& name) {
    char id[64];
    std::snprintf(id, sizeof id, "00000000-0000-4000-8000-%012llx", static_cast<unsigned long long>(number));
    model::Contact contact;
    contact.id = base::ContactId(id);
    contact.name = name;
    contact.email = name + "@example.com";
    contact.created_at = contact.updated_at = Ms(number);
    return contact;
  }
  static model::Job JobOf(std::int64_t number, std::string title) {
    model::Job job;
    job.id = base::JobId("job_" + std::to_string(number));
    job.title = std::move(title);
    return job;
  }
  void Write(base::FunctionRef<base::Status(store::WriteTransaction&)> work) {
    const base::Status done = database_->writer().Write(work);
    ASSERT_TRUE(done) << done.error().detail << done.error().internal;
  }
  model::File PutFile(const base::TenantId& tenant, const std::string& name, const std::string& content) {
    auto staging = blobs_.Stage();
    EXPECT_TRUE(staging->Append(std::as_bytes(std::span(content))));
    FileDescription description;
    description.job = base::JobId("job_1");
    description.name = name;
    auto stored = StoreFile(database_->writer(), blobs_, tenant, description, *std::move(*staging).Finish());
    EXPECT_TRUE(stored) << stored.error().detail;
    return stored->file;
  }
  void DeleteFile(const base::TenantId& tenant, const model::File& file) {
    Write([&](store::WriteTransaction& t) { return t.DeleteFile(tenant, file.job_id, file.id); });
  }
  bool IsThere(const std::string& content) { return blobs_.Open(crypto::Sha256(content)).has_value(); }
  PurgeReport Run(Purge::Due due = Purge::Due::kByRetention) {
    auto report = purge().Run(due, [](const PurgeReport&, std::chrono::nanoseconds) { return true; });
    EXPECT_TRUE(report) << report.error().detail << report.error().internal;
    return report ? *report : PurgeReport{};
  }
  Purge purge() { return Purge(*database_, blobs_, folder_.path(), std::chrono::hours{24}, clock_, logger_); }

  /// Everything that is kept, once every process has let go of it.
  std::string AllBytes() {
    database_.reset();
    std::string all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(file), {});
    }
    Open();
    return all;
  }

  testing::TempFolder folder_;
  testing::ManualClock clock_;
  base::Logger logger_{clock_, 2, base::LogLevel::kOff};
  blob::BlobStore blobs_ = blob::BlobStore::Open(folder_.path() / "blobs", blob::BlobStore::Sync::kNo).value();
  std::unique_ptr<store::Database> database_;
  base::TenantId acme_;
  base::TenantId globex_;
};

}  // namespace portal::service
