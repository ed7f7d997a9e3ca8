#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "model/contact.h"
#include "model/file.h"
#include "model/job.h"
#include "service/rows/row_columns.h"
#include "service/rows/row_fields.h"
#include "store/writer.h"

namespace portal::service {

// What each kind of row brings to reading, changing and writing it: the import and the row editor know rows by this
// alone.

struct ContactRows {
  using Model = model::Contact;
  using Key = base::ContactId;
  static constexpr const RowColumns& kColumns = kContactColumns;
  static constexpr std::size_t kIdColumn = contact_column::kId;
  /// Where a row is at fault that only the store can refuse.
  static constexpr std::size_t kReferenceColumn = contact_column::kId;
  static constexpr std::string_view kName = "Contact";
  static constexpr bool kIdIgnoresCase = true;  // RFC 9562 §4
  /// A merge patch that takes off what a changed row has anew, unless it is given.
  static constexpr std::string_view kAnew = R"({"updated_at":null})";

  static void Read(std::span<const RowCell> cells, Model& out, store::GivenTimes& given, FieldComplaints& complaints) {
    ReadContact(cells, out, given, complaints);
  }
  static void ReadKey(std::span<const RowCell> cells, Model& out, FieldComplaints& complaints) {
    ReadContactKey(cells, out, complaints);
  }
  /// What tells the row from others of its kind. May be written to `scratch`.
  static std::string_view Distinct(const Model& contact, std::string& /*scratch*/) { return contact.id.value(); }
  /// The key's columns with their values.
  static std::vector<std::pair<std::size_t, std::string_view>> KeyCells(const Key& key) {
    return {{contact_column::kId, key.value()}};
  }
  static void FillTimes(base::WallTime now, store::GivenTimes given, Model& contact) {
    service::FillTimes(now, given, contact.created_at, contact.updated_at);
  }
  static base::Result<std::optional<Model>> Find(store::WriteTransaction& transaction, const base::TenantId& tenant,
                                                 const Key& key) {
    return transaction.FindContact(tenant, key);
  }
  static base::Result<store::UpsertOutcome> Upsert(store::WriteTransaction& transaction, const base::TenantId& tenant,
                                                   Model& contact, store::GivenTimes given) {
    return transaction.UpsertContact(tenant, contact, given);
  }
  static base::Status Delete(store::WriteTransaction& transaction, const base::TenantId& tenant, const Key& key) {
    return transaction.DeleteContact(tenant, key);
  }
  static Key KeyOf(const Model& contact) { return contact.id; }
  /// What to say of a row that the store has refused.
  static std::string Complaint(const base::Error& error, const Model& /*contact*/) { return error.detail; }
  static void AppendJson(const Model& contact, std::string& json);
};

struct JobRows {
  using Model = model::Job;
  using Key = base::JobId;
  static constexpr const RowColumns& kColumns = kJobColumns;
  static constexpr std::size_t kIdColumn = job_column::kId;
  static constexpr std::size_t kReferenceColumn = job_column::kContactId;
  static constexpr std::string_view kName = "Job";
  static constexpr bool kIdIgnoresCase = false;
  static constexpr std::string_view kAnew = R"({"updated_at":null})";

  static void Read(std::span<const RowCell> cells, Model& out, store::GivenTimes& given, FieldComplaints& complaints) {
    ReadJob(cells, out, given, complaints);
  }
  static void ReadKey(std::span<const RowCell> cells, Model& out, FieldComplaints& complaints) {
    ReadJobKey(cells, out, complaints);
  }
  static std::string_view Distinct(const Model& job, std::string& /*scratch*/) { return job.id.value(); }
  static std::vector<std::pair<std::size_t, std::string_view>> KeyCells(const Key& key) {
    return {{job_column::kId, key.value()}};
  }
  static void FillTimes(base::WallTime now, store::GivenTimes given, Model& job) {
    service::FillTimes(now, given, job.created_at, job.updated_at);
  }
  static base::Result<std::optional<Model>> Find(store::WriteTransaction& transaction, const base::TenantId& tenant,
                                                 const Key& key) {
    return transaction.FindJob(tenant, key);
  }
  static base::Result<store::UpsertOutcome> Upsert(store::WriteTransaction& transaction, const base::TenantId& tenant,
                                                   Model& job, store::GivenTimes given) {
    return transaction.UpsertJob(tenant, job, given);
  }
  static base::Status Delete(store::WriteTransaction& transaction, const base::TenantId& tenant, const Key& key) {
    return transaction.DeleteJob(tenant, key);
  }
  static Key KeyOf(const Model& job) { return job.id; }
  static std::string Complaint(const base::Error& error, const Model& /*job*/) { return error.detail; }
  static void AppendJson(const Model& job, std::string& json);
};

struct FileKey {
  base::JobId job;
  base::FileId id;
};

struct FileRows {
  using Model = model::File;
  using Key = FileKey;
  static constexpr const RowColumns& kColumns = kFileColumns;
  static constexpr std::size_t kIdColumn = file_column::kId;
  static constexpr std::size_t kReferenceColumn = file_column::kJobId;
  static constexpr std::string_view kName = "File";
  static constexpr bool kIdIgnoresCase = false;
  static constexpr std::string_view kAnew = R"({"size":null})";

  static void Read(std::span<const RowCell> cells, Model& out, store::GivenTimes& given, FieldComplaints& complaints) {
    ReadFile(cells, out, given, complaints);
  }
  static void ReadKey(std::span<const RowCell> cells, Model& out, FieldComplaints& complaints) {
    ReadFileKey(cells, out, complaints);
  }
  static std::string_view Distinct(const Model& file, std::string& scratch) {
    return scratch.assign(file.job_id.value()).append("/").append(file.id.value());
  }
  static std::vector<std::pair<std::size_t, std::string_view>> KeyCells(const Key& key) {
    return {{file_column::kJobId, key.job.value()}, {file_column::kId, key.id.value()}};
  }
  static void FillTimes(base::WallTime now, store::GivenTimes given, Model& file) {
    if (!given.created) file.created_at = now;
  }
  static base::Result<std::optional<Model>> Find(store::WriteTransaction& transaction, const base::TenantId& tenant,
                                                 const Key& key) {
    return transaction.FindFile(tenant, key.job, key.id);
  }
  /// Also kValidation where the tenant has not uploaded the bytes, or they are of another size. Gives `file` its size.
  static base::Result<store::UpsertOutcome> Upsert(store::WriteTransaction& transaction, const base::TenantId& tenant,
                                                   Model& file, store::GivenTimes given);
  static base::Status Delete(store::WriteTransaction& transaction, const base::TenantId& tenant, const Key& key) {
    return transaction.DeleteFile(tenant, key.job, key.id);
  }
  static Key KeyOf(const Model& file) { return {file.job_id, file.id}; }
  static std::string Complaint(const base::Error& error, const Model& file);
  /// Without its job, as in a list of the job's files.
  static void AppendJson(const Model& file, std::string& json);
};

}  // namespace portal::service
