#include "service/import/feed_lines.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/json_text.h"

namespace portal::service {
namespace {

constexpr std::array<std::string_view, 5> kFates = {"inserted", "updated", "unchanged", "deleted",
                                                    "rejected"};  // as in RowFate

}  // namespace

void AppendOutcomeLine(const RowOutcome& outcome, std::string& out) {
  out += R"({"line":)";
  base::AppendDecimal(static_cast<std::int64_t>(outcome.line), out);
  out += R"(,"id":)";
  if (outcome.id) {
    base::AppendJsonString(*outcome.id, out);
  } else {
    out += "null";
  }
  out += R"(,"outcome":")";
  out += kFates[static_cast<std::size_t>(outcome.fate)];
  out += '"';
  if (outcome.fate == RowFate::kRejected) {
    out += R"(,"detail":)";
    base::AppendJsonString(outcome.detail, out);
  }
  out += "}\n";
}

void AppendSummaryLine(const ImportSummary& summary, std::string& out) {
  out += R"({"summary":{)";
  for (const auto& [name, count] : {std::pair{"inserted", summary.inserted},
                                    {"updated", summary.updated},
                                    {"unchanged", summary.unchanged},
                                    {"deleted", summary.deleted},
                                    {"rejected", summary.rejected},
                                    {"replayed", summary.replayed}}) {
    out.append("\"").append(name).append("\":");
    base::AppendDecimal(static_cast<std::int64_t>(count), out);
    out += ',';
  }
  const bool complete = !summary.failure && !summary.stopped_at_line;
  out += complete ? R"("complete":true)" : R"("complete":false,"detail":)";
  if (summary.failure) {
    base::AppendJsonString(summary.failure->detail, out);
  } else if (summary.stopped_at_line) {
    base::AppendJsonString(
        "Stopped at line " + std::to_string(*summary.stopped_at_line) + ": nothing from there on is written", out);
  }
  out += "}}\n";
}

}  // namespace portal::service
