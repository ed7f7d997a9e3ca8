#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/logger.h"
#include "store/database.h"
#include "store/reader.h"
#include "store/writer.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

namespace portal::store::testing {

inline base::WallTime Ms(std::int64_t ms) { return base::WallTime{std::chrono::milliseconds{ms}}; }

/// `00000000-0000-4000-8000-` and the number in twelve digits: ids in the order of their numbers.
inline std::string ContactUuid(std::int64_t number) {
  char text[64];
  std::snprintf(text, sizeof text, "00000000-0000-4000-8000-%012llx", static_cast<unsigned long long>(number));
  return text;
}
inline base::ContactId ContactIdOf(std::int64_t number) { return base::ContactId(ContactUuid(number)); }
inline base::JobId JobIdOf(std::int64_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "job_%06lld", static_cast<long long>(number));
  return base::JobId(text);
}
inline base::FileId FileIdOf(std::int64_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "file_%06lld", static_cast<long long>(number));
  return base::FileId(text);
}

inline model::Contact MakeContact(std::int64_t number, std::string name, std::int64_t created_ms = 1'000) {
  model::Contact contact;
  contact.id = ContactIdOf(number);
  contact.name = std::move(name);
  contact.created_at = Ms(created_ms);
  contact.updated_at = Ms(created_ms);
  return contact;
}
inline model::Job MakeJob(std::int64_t number, std::string title, std::int64_t created_ms = 1'000) {
  model::Job job;
  job.id = JobIdOf(number);
  job.title = std::move(title);
  job.created_at = Ms(created_ms);
  job.updated_at = Ms(created_ms);
  return job;
}
inline model::File MakeFile(std::int64_t job, std::int64_t number, std::string name, std::int64_t created_ms = 1'000) {
  model::File file;
  file.id = FileIdOf(number);
  file.job_id = JobIdOf(job);
  file.name = std::move(name);
  file.content_type = "application/pdf";
  file.size_bytes = number;
  file.sha256.fill(static_cast<unsigned char>(number));
  file.created_at = Ms(created_ms);
  return file;
}

/// A store in a folder of its own, with two tenants and two readers.
class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    Reopen();
    Write([&](WriteTransaction& t) -> base::Status {
      acme_ = t.CreateTenant("acme", "Acme", "acme-files")->id;
      globex_ = t.CreateTenant("globex", "Globex", "globex-files")->id;
      return {};
    });
  }

  void Reopen() { ReopenOn(clock_); }
  /// No read is over its budget of time from now on.
  void ReopenOnAStillClock() { ReopenOn(still_clock_); }
  void ReopenOn(const base::Clock& clock) {
    database_.reset();
    base::Result<std::unique_ptr<Database>> opened =
        Database::Open({.folder = folder_.path(), .workers = 2, .durability = Durability::kNone}, clock, logger_);
    if (!opened) throw std::runtime_error(opened.error().detail + ": " + opened.error().internal);
    database_ = std::move(*opened);
  }

  Reader& reader(std::size_t worker = 0) { return database_->reader(base::WorkerId{worker}); }

  void Write(base::FunctionRef<base::Status(WriteTransaction&)> work) {
    const base::Status done = database_->writer().Write(work);
    ASSERT_TRUE(done) << done.error().detail << ": " << done.error().internal;
  }
  void PutContacts(const base::TenantId& tenant, const std::vector<model::Contact>& contacts) {
    Write([&](WriteTransaction& t) -> base::Status {
      for (const model::Contact& contact : contacts) {
        if (auto done = t.UpsertContact(tenant, contact); !done) return base::Fail(done.error());
      }
      return {};
    });
  }
  void PutJobs(const base::TenantId& tenant, const std::vector<model::Job>& jobs) {
    Write([&](WriteTransaction& t) -> base::Status {
      for (const model::Job& job : jobs) {
        if (auto done = t.UpsertJob(tenant, job); !done) return base::Fail(done.error());
      }
      return {};
    });
  }
  void PutFiles(const base::TenantId& tenant, const std::vector<model::File>& files) {
    Write([&](WriteTransaction& t) -> base::Status {
      for (const model::File& file : files) {
        if (auto done = t.PutFile(tenant, file); !done) return base::Fail(done.error());
      }
      return {};
    });
  }

  struct Page {
    std::vector<std::string> ids;
    model::PageInfo info;
  };
  /// The ids in reading order.
  static Page Finish(Page page, const base::Result<model::PageInfo>& info) {
    EXPECT_TRUE(info) << info.error().detail << ": " << info.error().internal;
    if (info) page.info = *info;
    if (page.info.last_first) std::ranges::reverse(page.ids);
    return page;
  }
  Page ListContacts(const base::TenantId& tenant, const model::ContactQuery& query) {
    Page page;
    auto snapshot = reader().Begin(false);
    auto info =
        reader().contacts.List(tenant, query, [&](const model::ContactView& row) { page.ids.emplace_back(row.id); });
    return Finish(std::move(page), info);
  }
  Page ListJobs(const base::TenantId& tenant, const model::JobQuery& query) {
    Page page;
    auto snapshot = reader().Begin(false);
    auto info = reader().jobs.List(tenant, query, [&](const model::JobView& row) { page.ids.emplace_back(row.id); });
    return Finish(std::move(page), info);
  }
  Page ListFiles(const base::TenantId& tenant, const base::JobId& job, const model::FileQuery& query) {
    Page page;
    auto snapshot = reader().Begin(false);
    auto info = reader().files.List(tenant, job.value(), query,
                                    [&](const model::FileView& row) { page.ids.emplace_back(row.name); });
    return Finish(std::move(page), info);
  }

  portal::testing::TempFolder folder_;
  base::SystemClock clock_;
  portal::testing::ManualClock still_clock_;
  base::Logger logger_{clock_, 2, base::LogLevel::kOff};
  std::unique_ptr<Database> database_;
  base::TenantId acme_;
  base::TenantId globex_;
};

}  // namespace portal::store::testing
