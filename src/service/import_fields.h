#pragma once

#include <optional>

#include "base/clock.h"
#include "model/contact.h"
#include "model/job.h"
#include "service/import_rows.h"
#include "store/writer.h"

namespace portal::service {

/// Reads and checks a row's cells into `out`, whose texts keep their memory from one row to the next. Times
/// that the row does not give are left for FillTimes. Returns the first complaint, with `out` unspecified.
std::optional<BadRow> ReadContact(const ImportRows& row, model::Contact& out, store::GivenTimes& given);
std::optional<BadRow> ReadJob(const ImportRows& row, model::Job& out, store::GivenTimes& given);

/// Times that a row did not give become `now`, but never such that it is updated before it is created.
void FillTimes(base::WallTime now, store::GivenTimes given, base::WallTime& created_at, base::WallTime& updated_at);

}  // namespace portal::service
