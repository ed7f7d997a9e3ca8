#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/function_ref.h"
#include "base/ids.h"
#include "base/result.h"
#include "service/rows/row_kinds.h"
#include "store/database.h"

namespace portal::service {

/// A row as its clients see it.
struct RowDocument {
  std::string json;
  std::string etag;      ///< strong, with its quotes: moves when this row changes, and with no other
  bool created = false;  ///< there was none before
};

/// Whether a row may be changed, by the ETag that it has; nullopt: there is no such row. See http::MayChange.
using MayChange = base::FunctionRef<base::Status(std::optional<std::string_view>)>;

/// Reads and changes single rows of one tenant. A change reads the row, looks at the conditions, changes and writes it
/// in one transaction, so that of two clients who change the same row at once, each with the ETag that it has seen,
/// one hears of the other. Thread-safe. All errors of Writer::Write, and those below.
template <typename Rows>
class RowEditor {
 public:
  using Key = typename Rows::Key;

  RowEditor(store::Database& database, const base::Clock& clock, const base::TenantId& tenant)
      : database_(database), clock_(clock), tenant_(tenant) {}

  /// kNotFound.
  base::Result<RowDocument> Get(base::WorkerId worker, const Key& key) const;
  /// Makes the row what `json` says, whole. Errors of ReadRowJson and of `may_change`; kNotFound for a file of a job
  /// that is not there; kConflict for a file whose name another one has; kStorageFull.
  base::Result<RowDocument> Put(const Key& key, std::string_view json, MayChange may_change) const;
  /// Changes what `patch` says, a JSON Merge Patch (RFC 7396). kNotFound; otherwise as Put.
  base::Result<RowDocument> Patch(const Key& key, std::string_view patch, MayChange may_change) const;
  /// kNotFound; errors of `may_change`.
  base::Status Delete(const Key& key, MayChange may_change) const;

  // For rows that get in another way.
  RowDocument Describe(const typename Rows::Model& row) const;
  /// What `may_change` says of the row; nullopt: there is none.
  base::Status Check(const std::optional<typename Rows::Model>& row, MayChange may_change) const;

 private:
  base::Result<RowDocument> Write(store::WriteTransaction& transaction, typename Rows::Model& row,
                                  store::GivenTimes given) const;

  store::Database& database_;
  const base::Clock& clock_;
  const base::TenantId tenant_;
};

extern template class RowEditor<ContactRows>;
extern template class RowEditor<JobRows>;
extern template class RowEditor<FileRows>;

}  // namespace portal::service
