#include "service/rows/row_json.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/json_text.h"
#include "service/rows/flat_json.h"
#include "service/shown_text.h"

namespace portal::service {
namespace {

using base::ErrorCode;

std::string Capitalised(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') text.front() = static_cast<char>(text.front() - 32);
  return text;
}

base::Error Invalid(std::vector<base::ParameterError> errors) {
  std::string detail = errors.size() == 1 ? "The field " + errors.front().parameter + " is not valid"
                                          : std::to_string(errors.size()) + " fields are not valid";
  for (base::ParameterError& error : errors) error.detail = Capitalised(std::move(error.detail));
  return {ErrorCode::kValidation, std::move(detail), {}, std::move(errors)};
}

base::Error FromComplaint(const FlatJson::Complaint& complaint, const RowColumns& columns) {
  std::string member = Shown(complaint.member);
  switch (complaint.flaw) {
    case FlatJson::Flaw::kSyntax:
      return {ErrorCode::kBadRequest,
              "The body is " + complaint.message + " (at byte " + std::to_string(complaint.offset + 1) + ")",
              {},
              {}};
    case FlatJson::Flaw::kNoObject:
      return {ErrorCode::kBadRequest, "The body must be one JSON object, " + complaint.message, {}, {}};
    case FlatJson::Flaw::kUnknownMember:
      return Invalid({{std::move(member), columns.Unknown(complaint.member, "field")}});
    case FlatJson::Flaw::kRepeatedMember:
    case FlatJson::Flaw::kBadValue:
    case FlatJson::Flaw::kMissingMember:
      break;
  }
  return Invalid({{std::move(member), complaint.message}});
}

/// The cells of an object; those that it must have are seen to by the caller.
base::Result<std::vector<RowCell>> ReadCells(std::string_view json, const RowColumns& columns, FlatJson& reader) {
  if (!base::IsValidUtf8(json)) return base::Fail(ErrorCode::kBadRequest, "The body is not UTF-8");
  // The parser would take it for the end.
  if (json.find('\0') != json.npos)
    return base::Fail(ErrorCode::kBadRequest, "The body is not JSON: it has a NUL byte");
  std::vector<RowCell> cells(columns.names.size());
  if (const auto complaint = reader.Read(json, cells)) return base::Fail(FromComplaint(*complaint, columns));
  return cells;
}

constexpr const char* kKeepsItsKey = "must not be null or empty: a row keeps its id; leave it out";

/// Given, and without a value.
bool IsNulled(const RowCell& cell) { return cell.null && cell.offset != 0; }

}  // namespace

template <typename Rows>
base::Result<RowDraft<Rows>> ReadRowJson(std::string_view json, const typename Rows::Key& key) {
  const RowColumns columns{Rows::kColumns.names, Rows::kColumns.keys, 0, Rows::kColumns.numeric};
  FlatJson reader(columns, false);
  auto cells = ReadCells(json, columns, reader);
  if (!cells) return base::Fail(std::move(cells).error());

  std::vector<base::ParameterError> errors;
  for (const auto& [column, value] : Rows::KeyCells(key)) {
    RowCell& cell = (*cells)[column];
    const bool same = Rows::kIdIgnoresCase ? base::EqualsIgnoreCase(cell.text, value) : cell.text == value;
    if (IsNulled(cell)) errors.push_back({std::string(columns.names[column]), kKeepsItsKey});
    if (!cell.null && !same) {
      errors.push_back({std::string(columns.names[column]),
                        "is " + Quoted(cell.text) + ", but the path says " + Quoted(value) + ": a row keeps its id"});
    }
    cell = {value, value.empty(), 0};
  }
  RowDraft<Rows> draft;
  FieldComplaints complaints;
  Rows::Read(*cells, draft.row, draft.given, complaints);
  for (FieldComplaint& complaint : complaints) {
    errors.push_back({std::string(columns.names[complaint.column]), std::move(complaint.message)});
  }
  if (!errors.empty()) return base::Fail(Invalid(std::move(errors)));
  return draft;
}

template <typename Rows>
base::Status CheckRowPatch(std::string_view patch) {
  const RowColumns columns{Rows::kColumns.names, Rows::kColumns.keys, 0, Rows::kColumns.numeric};
  FlatJson reader(columns, false);
  auto cells = ReadCells(patch, columns, reader);
  if (!cells) return base::Fail(std::move(cells).error());
  std::vector<base::ParameterError> errors;
  for (std::size_t column = 0; column < columns.keys; ++column) {
    if (IsNulled((*cells)[column])) errors.push_back({std::string(columns.names[column]), kKeepsItsKey});
  }
  if (!errors.empty()) return base::Fail(Invalid(std::move(errors)));
  return {};
}

template <typename Rows>
base::Error NameField(base::Error error) {
  if (error.code != ErrorCode::kValidation || !error.parameters.empty()) return error;
  const std::size_t colon = error.detail.find(": ");
  const std::string name = error.detail.substr(0, colon);
  if (colon == std::string::npos || Rows::kColumns.Find(name) == RowColumns::kNone) return error;
  return Invalid({{name, error.detail.substr(colon + 2)}});
}

template base::Result<RowDraft<ContactRows>> ReadRowJson<ContactRows>(std::string_view, const base::ContactId&);
template base::Result<RowDraft<JobRows>> ReadRowJson<JobRows>(std::string_view, const base::JobId&);
template base::Result<RowDraft<FileRows>> ReadRowJson<FileRows>(std::string_view, const FileKey&);
template base::Status CheckRowPatch<ContactRows>(std::string_view);
template base::Status CheckRowPatch<JobRows>(std::string_view);
template base::Status CheckRowPatch<FileRows>(std::string_view);
template base::Error NameField<ContactRows>(base::Error);
template base::Error NameField<JobRows>(base::Error);
template base::Error NameField<FileRows>(base::Error);

}  // namespace portal::service
