#include "cli/import_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/json_object.h"

namespace portal::cli {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kBetweenLines{2};
constexpr std::size_t kBarCells = 30;

/// `1,247`.
std::string Grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string Rows(std::uint64_t count) { return Grouped(count) + (count == 1 ? " row" : " rows"); }

std::string Decimal(double value) {
  std::string text(32, '\0');
  text.resize(static_cast<std::size_t>(std::max(0, std::snprintf(text.data(), text.size(), "%.1f", value))));
  return text;
}

}  // namespace

ImportReport::ImportReport(Console& console, std::uint64_t size, bool quiet)
    : console_(console), size_(size), quiet_(quiet), begun_(steady_clock::now()), last_line_(begun_) {}

double ImportReport::Seconds() const { return std::chrono::duration<double>(steady_clock::now() - begun_).count(); }

std::string ImportReport::Bar(const service::ImportSummary& so_far) const {
  std::string text = Rows(so_far.written()) + " written";
  if (so_far.rejected > 0) text += ", " + Rows(so_far.rejected) + " rejected";
  if (size_ == 0) return text;
  const double done = std::min(1.0, static_cast<double>(so_far.bytes) / static_cast<double>(size_));
  std::string line;
  if (console_.terminal()) {
    const auto filled = static_cast<std::size_t>(std::lround(done * static_cast<double>(kBarCells)));
    line.append(1, '[').append(filled, '#').append(kBarCells - filled, '.').append("] ");
  }
  return line.append(std::to_string(std::lround(done * 100))).append(" %  ").append(text);
}

void ImportReport::Progress(const service::ImportSummary& so_far) {
  if (quiet_) return;
  if (console_.terminal()) return console_.Progress(Bar(so_far));
  const auto now = steady_clock::now();
  if (now - last_line_ < kBetweenLines) return;
  last_line_ = now;
  console_.Message(Bar(so_far));
}

void ImportReport::Finish(const std::string& file, const service::ImportSummary& summary) {
  const std::string name = file == "-" ? "standard input" : file;
  for (const service::BadRow& row : summary.bad_rows) {
    console_.Error(name + ":" + std::to_string(row.line) + ":" + std::to_string(row.column) + ": " + row.message);
  }
  if (summary.rejected > summary.bad_rows.size()) {
    console_.Message("… and " + Rows(summary.rejected - summary.bad_rows.size()) + " more like these");
  }
  const double seconds = Seconds();
  const double rate = static_cast<double>(summary.written()) / std::max(seconds, 1e-3);
  console_.Message(Rows(summary.written()) + " written: " + Grouped(summary.inserted) + " new, " +
                   Grouped(summary.updated) + " changed, " + Grouped(summary.unchanged) + " as they were; " +
                   Grouped(summary.rejected) + " rejected; " + Decimal(seconds) + " s, " +
                   Grouped(static_cast<std::uint64_t>(rate)) + " rows a second");
  if (summary.stopped_at_line && !summary.failure) {
    console_.Message("stopped at line " + std::to_string(*summary.stopped_at_line) +
                     ": nothing from there on is written. Correct it and import the whole file again; rows that are "
                     "in already stay as they are");
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
  return json.Json("seconds", Decimal(Seconds())).Line();
}

}  // namespace portal::cli
