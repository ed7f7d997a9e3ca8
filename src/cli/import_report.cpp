#include "cli/import_report.h"

#include <algorithm>

#include "cli/input_file.h"
#include "cli/json_object.h"
#include "cli/number_text.h"

namespace portal::cli {
namespace {

std::string Rows(std::uint64_t count) { return Counted(count, "row"); }

}  // namespace

ImportReport::ImportReport(Console& console, service::ImportOperation operation, std::uint64_t size, bool quiet)
    : console_(console), deletes_(operation == service::ImportOperation::kDelete), size_(size), bar_(console, quiet) {}

std::string ImportReport::Done(const service::ImportSummary& summary) const {
  return deletes_ ? Rows(summary.deleted) + " deleted" : Rows(summary.written()) + " written";
}

void ImportReport::Progress(const service::ImportSummary& so_far) {
  std::string text = Done(so_far);
  if (so_far.rejected > 0) text += ", " + Rows(so_far.rejected) + " rejected";
  std::optional<double> done;
  if (size_ > 0) done = static_cast<double>(so_far.bytes) / static_cast<double>(size_);
  bar_.Show(done, text);
}

void ImportReport::Finish(const std::string& file, const service::ImportSummary& summary) {
  const std::string name = NameOfInput(file);
  for (const service::BadRow& row : summary.bad_rows) {
    console_.Error(name + ":" + std::to_string(row.line) + ":" + std::to_string(row.column) + ": " + row.message);
  }
  if (summary.rejected > summary.bad_rows.size()) {
    console_.Message("… and " + Rows(summary.rejected - summary.bad_rows.size()) + " more like these");
  }
  const double seconds = bar_.Seconds();
  const double rate = static_cast<double>(summary.written()) / std::max(seconds, 1e-3);
  const std::string kinds = deletes_ ? ", " + Grouped(summary.unchanged) + " were not there"
                                     : ": " + Grouped(summary.inserted) + " new, " + Grouped(summary.updated) +
                                           " changed, " + Grouped(summary.unchanged) + " as they were";
  console_.Message(Done(summary) + kinds + "; " + Grouped(summary.rejected) + " rejected; " + Decimal(seconds) +
                   " s, " + Grouped(static_cast<std::uint64_t>(rate)) + " rows a second");
  if (summary.stopped_at_line && !summary.failure) {
    console_.Message("stopped at line " + std::to_string(*summary.stopped_at_line) + ": nothing from there on is " +
                     (deletes_ ? "deleted" : "written") +
                     ". Correct it and import the whole file again; rows that are " +
                     (deletes_ ? "gone already do no harm" : "in already stay as they are"));
  }
}

std::string ImportReport::Json(const service::ImportSummary& summary) const {
  JsonArray bad_rows;
  for (const service::BadRow& row : summary.bad_rows) {
    JsonObject json;
    json.Number("line", static_cast<std::int64_t>(row.line)).Number("column", static_cast<std::int64_t>(row.column));
    bad_rows.Add(json.Text("message", row.message).Done());
  }
  JsonObject json;
  json.Number("written", static_cast<std::int64_t>(summary.written()));
  json.Number("inserted", static_cast<std::int64_t>(summary.inserted));
  json.Number("updated", static_cast<std::int64_t>(summary.updated));
  json.Number("unchanged", static_cast<std::int64_t>(summary.unchanged));
  json.Number("deleted", static_cast<std::int64_t>(summary.deleted));
  json.Number("rejected", static_cast<std::int64_t>(summary.rejected));
  json.Json("bad_rows", bad_rows.Done());
  json.Number("bad_rows_not_listed", static_cast<std::int64_t>(summary.rejected - summary.bad_rows.size()));
  if (summary.stopped_at_line) {
    json.Number("stopped_at_line", static_cast<std::int64_t>(*summary.stopped_at_line));
  } else {
    json.Json("stopped_at_line", "null");
  }
  if (summary.failure) {
    json.Text("failure", summary.failure->detail);
  } else {
    json.Json("failure", "null");
  }
  return json.Json("seconds", Decimal(bar_.Seconds())).Line();
}

}  // namespace portal::cli
