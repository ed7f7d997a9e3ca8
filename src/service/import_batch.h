#pragma once

#include <optional>
#include <vector>

#include "model/contact.h"
#include "model/job.h"
#include "service/import.h"
#include "service/import_fields.h"
#include "store/writer.h"

namespace portal::service {

/// What a kind of row needs of the import: its columns, its reader, its place in the store.
struct ContactRows {
  using Model = model::Contact;
  static constexpr const ImportColumns& kColumns = kContactColumns;
  static constexpr std::size_t kIdColumn = contact_column::kId;
  /// Where a row is at fault that only the store can refuse.
  static constexpr std::size_t kReferenceColumn = contact_column::kId;
  static std::optional<BadRow> Read(const ImportRows& row, Model& out, store::GivenTimes& given) {
    return ReadContact(row, out, given);
  }
  static base::Result<store::UpsertOutcome> Upsert(store::WriteTransaction& transaction, const base::TenantId& tenant,
                                                   const Model& contact, store::GivenTimes given) {
    return transaction.UpsertContact(tenant, contact, given);
  }
};

struct JobRows {
  using Model = model::Job;
  static constexpr const ImportColumns& kColumns = kJobColumns;
  static constexpr std::size_t kIdColumn = job_column::kId;
  static constexpr std::size_t kReferenceColumn = job_column::kContactId;
  static std::optional<BadRow> Read(const ImportRows& row, Model& out, store::GivenTimes& given) {
    return ReadJob(row, out, given);
  }
  static base::Result<store::UpsertOutcome> Upsert(store::WriteTransaction& transaction, const base::TenantId& tenant,
                                                   const Model& job, store::GivenTimes given) {
    return transaction.UpsertJob(tenant, job, given);
  }
};

/// Rows that were read and wait for their transaction, and what was wrong among them. Keeps its memory from
/// one batch to the next.
template <typename Rows>
class ImportBatch {
 public:
  struct Entry {
    typename Rows::Model model;
    store::GivenTimes given;
    BadRow place;  ///< the reference's; its message is filled only when the store refuses it
  };

  void Clear() {
    size_ = 0;
    bad_rows.clear();
  }
  std::size_t size() const { return size_; }
  Entry& operator[](std::size_t at) { return entries_[at]; }
  /// A place for the next row, which counts once it is kept.
  Entry& Next() {
    if (size_ == entries_.size()) entries_.emplace_back();
    return entries_[size_];
  }
  void Keep() { ++size_; }

  std::vector<BadRow> bad_rows;

 private:
  std::vector<Entry> entries_;
  std::size_t size_ = 0;
};

}  // namespace portal::service
