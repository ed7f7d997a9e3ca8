#pragma once

#include <optional>

#include "base/clock.h"
#include "model/contact.h"
#include "model/job.h"
#include "service/import_rows.h"
#include "store/writer.h"

namespace portal::service {

/// Reads and checks a row's cells into `out`, whose texts keep their memory from one row to the next. Times
/// that the row does not give become `now`, but never such that a row is updated before it is created.
/// Returns the first complaint, with `out` unspecified.
std::optional<BadRow> ReadContact(const ImportRows& row, base::WallTime now, model::Contact& out,
                                  store::GivenTimes& given);
std::optional<BadRow> ReadJob(const ImportRows& row, base::WallTime now, model::Job& out, store::GivenTimes& given);

}  // namespace portal::service
