#pragma once

#include <string_view>

#include "base/result.h"
#include "service/rows/row_kinds.h"

namespace portal::service {

/// A row as its writer gave it.
template <typename Rows>
struct RowDraft {
  typename Rows::Model row;
  store::GivenTimes given;
};

/// Reads a row from one JSON object in the shape in which rows are given out. Fields that are absent are null, and
/// those of `key` may be absent. kBadRequest where it is no JSON object; kValidation with everything that is wrong in
/// `parameters`: unknown and missing fields, types, formats, lengths, another key than `key`.
template <typename Rows>
base::Result<RowDraft<Rows>> ReadRowJson(std::string_view json, const typename Rows::Key& key);

/// Is this a merge patch of a row: an object with members that rows have? Errors as ReadRowJson.
template <typename Rows>
base::Status CheckRowPatch(std::string_view patch);

/// An error of the store about one field, `contact_id: there is no contact …`, in the form of ReadRowJson; others as
/// they are.
template <typename Rows>
base::Error NameField(base::Error error);

extern template base::Result<RowDraft<ContactRows>> ReadRowJson<ContactRows>(std::string_view, const base::ContactId&);
extern template base::Result<RowDraft<JobRows>> ReadRowJson<JobRows>(std::string_view, const base::JobId&);
extern template base::Result<RowDraft<FileRows>> ReadRowJson<FileRows>(std::string_view, const FileKey&);
extern template base::Status CheckRowPatch<ContactRows>(std::string_view);
extern template base::Status CheckRowPatch<JobRows>(std::string_view);
extern template base::Status CheckRowPatch<FileRows>(std::string_view);
extern template base::Error NameField<ContactRows>(base::Error);
extern template base::Error NameField<JobRows>(base::Error);
extern template base::Error NameField<FileRows>(base::Error);

}  // namespace portal::service
