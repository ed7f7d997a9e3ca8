#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/contact.h"
#include "model/file.h"
#include "model/job.h"
#include "service/rows/row_columns.h"
#include "store/writer.h"

namespace portal::service {

/// What is wrong with a row's column, without its name: `must not be empty`.
struct FieldComplaint {
  std::size_t column = 0;
  std::string message;
};
using FieldComplaints = std::vector<FieldComplaint>;

// Each reads and checks a row's cells into `out`, whose texts keep their memory from one row to the next, and adds
// what is wrong to `complaints`; with a complaint, `out` is unspecified. Times that the row does not give are left
// for FillTimes.
void ReadContact(std::span<const RowCell> cells, model::Contact& out, store::GivenTimes& given,
                 FieldComplaints& complaints);
void ReadJob(std::span<const RowCell> cells, model::Job& out, store::GivenTimes& given, FieldComplaints& complaints);
/// Without a size it is kNoSize, without a content type application/octet-stream, without a kind that of the content
/// type.
void ReadFile(std::span<const RowCell> cells, model::File& out, store::GivenTimes& given, FieldComplaints& complaints);
inline constexpr std::int64_t kNoSize = -1;

// The same of rows that only say which row they mean.
void ReadContactKey(std::span<const RowCell> cells, model::Contact& out, FieldComplaints& complaints);
void ReadJobKey(std::span<const RowCell> cells, model::Job& out, FieldComplaints& complaints);
void ReadFileKey(std::span<const RowCell> cells, model::File& out, FieldComplaints& complaints);

/// Times that a row did not give become `now`, but never such that it is updated before it is created.
void FillTimes(base::WallTime now, store::GivenTimes given, base::WallTime& created_at, base::WallTime& updated_at);

}  // namespace portal::service
