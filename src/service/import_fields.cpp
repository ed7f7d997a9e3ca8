#include "service/import_fields.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "base/time_text.h"
#include "base/uuid_text.h"

namespace portal::service {
namespace {

using Complaint = std::optional<BadRow>;

constexpr std::size_t kMaxNameBytes = 500;
constexpr std::size_t kMaxEmailBytes = 254;  // RFC 5321 §4.5.3.1.3, less the angle brackets
constexpr std::size_t kMaxPhoneBytes = 64;
constexpr std::size_t kMaxAddressBytes = 1000;

std::string Quoted(std::string_view text) {
  static constexpr std::size_t kShown = 60;
  if (text.size() <= kShown) return "\"" + std::string(text) + "\"";
  std::size_t cut = kShown;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;  // not inside a character
  return "\"" + std::string(text.substr(0, cut)) + "…\"";
}

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

/// Text that every row has.
Complaint ReadText(const ImportRows& row, std::size_t column, std::size_t max_bytes, std::string& out) {
  const ImportCell& cell = row.cell(column);
  if (cell.null || IsBlank(cell.text)) return row.Complain(column, "must not be empty");
  if (cell.text.size() > max_bytes) return row.Complain(column, "longer than " + std::to_string(max_bytes) + " bytes");
  out.assign(cell.text);
  return std::nullopt;
}

Complaint ReadOptionalText(const ImportRows& row, std::size_t column, std::size_t max_bytes,
                           std::optional<std::string>& out) {
  const ImportCell& cell = row.cell(column);
  if (cell.null) {
    out.reset();
    return std::nullopt;
  }
  if (cell.text.size() > max_bytes) return row.Complain(column, "longer than " + std::to_string(max_bytes) + " bytes");
  if (out) {
    out->assign(cell.text);
  } else {
    out.emplace(cell.text);
  }
  return std::nullopt;
}

Complaint ReadEmail(const ImportRows& row, std::size_t column, std::optional<std::string>& out) {
  if (auto complaint = ReadOptionalText(row, column, kMaxEmailBytes, out)) return complaint;
  if (!out) return std::nullopt;
  const std::size_t at = out->find('@');
  const bool one = at != std::string::npos && at > 0 && at + 1 < out->size() && out->find('@', at + 1) == out->npos;
  if (!one || out->find_first_of(" \t\r\n") != out->npos) {
    return row.Complain(column, Quoted(*out) + " is no e-mail address, expected one as in ann@example.com");
  }
  return std::nullopt;
}

/// RFC 3339, or a plain date for midnight UTC; nullopt where neither.
std::optional<base::WallTime> ParseTime(std::string_view text) {
  static constexpr std::string_view kMidnight = "T00:00:00Z";
  static constexpr std::size_t kDateBytes = 10;
  if (text.size() != kDateBytes) return base::ParseRfc3339(text);
  std::array<char, kDateBytes + kMidnight.size()> full;
  std::memcpy(full.data(), text.data(), kDateBytes);
  std::memcpy(full.data() + kDateBytes, kMidnight.data(), kMidnight.size());
  return base::ParseRfc3339({full.data(), full.size()});
}

Complaint ReadTime(const ImportRows& row, std::size_t column, std::optional<base::WallTime>& out) {
  const ImportCell& cell = row.cell(column);
  out.reset();
  if (cell.null) return std::nullopt;
  out = ParseTime(cell.text);
  if (out) return std::nullopt;
  return row.Complain(
      column, Quoted(cell.text) + " is no date that exists, expected one as in 2025-01-31 or 2025-01-31T09:30:00Z");
}

Complaint ReadTimes(const ImportRows& row, std::size_t created_column, std::size_t updated_column,
                    base::WallTime& created_at, base::WallTime& updated_at, store::GivenTimes& given) {
  std::optional<base::WallTime> created;
  std::optional<base::WallTime> updated;
  if (auto complaint = ReadTime(row, created_column, created)) return complaint;
  if (auto complaint = ReadTime(row, updated_column, updated)) return complaint;
  given = {created.has_value(), updated.has_value()};
  if (created) created_at = *created;
  if (updated) updated_at = *updated;
  return std::nullopt;
}

Complaint ReadContactId(const ImportRows& row, std::size_t column, base::ContactId& out) {
  const ImportCell& cell = row.cell(column);
  std::string uuid(cell.text.substr(0, base::kUuidTextSize + 1));
  std::ranges::transform(uuid, uuid.begin(), base::ToLowerAscii);  // upper case is as good (RFC 9562 §4)
  if (!model::IsContactId(uuid)) {
    return row.Complain(column, (cell.null ? "must not be empty" : Quoted(cell.text) + " is no UUID") +
                                    std::string(", expected one as in 550e8400-e29b-41d4-a716-446655440000"));
  }
  out = base::ContactId{std::move(uuid)};
  return std::nullopt;
}

Complaint ReadJobId(const ImportRows& row, std::size_t column, base::JobId& out) {
  const ImportCell& cell = row.cell(column);
  if (!model::IsJobId(cell.text)) {
    return row.Complain(column, (cell.null ? "must not be empty" : Quoted(cell.text) + " is no job's id") +
                                    std::string(", expected job_ and 1 to 60 of A-Z, a-z, 0-9, _ and -"));
  }
  out = base::JobId{std::string(cell.text)};
  return std::nullopt;
}

Complaint ReadStatus(const ImportRows& row, std::size_t column, model::JobStatus& out) {
  const ImportCell& cell = row.cell(column);
  const auto status = model::ParseJobStatus(cell.text);
  if (!status) {
    return row.Complain(column, (cell.null ? "must not be empty" : Quoted(cell.text) + " is no status") +
                                    std::string(", expected pending, scheduled, in_progress, on_hold, completed or "
                                                "cancelled"));
  }
  out = *status;
  return std::nullopt;
}

}  // namespace

void FillTimes(base::WallTime now, store::GivenTimes given, base::WallTime& created_at, base::WallTime& updated_at) {
  if (!given.created) created_at = given.updated ? std::min(now, updated_at) : now;
  if (!given.updated) updated_at = std::max(now, created_at);
}

std::optional<BadRow> ReadContact(const ImportRows& row, model::Contact& out, store::GivenTimes& given) {
  using namespace contact_column;
  if (auto bad = ReadContactId(row, kId, out.id)) return bad;
  if (auto bad = ReadText(row, kName, kMaxNameBytes, out.name)) return bad;
  if (auto bad = ReadEmail(row, kEmail, out.email)) return bad;
  if (auto bad = ReadOptionalText(row, kPhone, kMaxPhoneBytes, out.phone)) return bad;
  if (auto bad = ReadOptionalText(row, kCompany, kMaxNameBytes, out.company)) return bad;
  if (auto bad = ReadOptionalText(row, kAddress, kMaxAddressBytes, out.address)) return bad;
  return ReadTimes(row, kCreatedAt, kUpdatedAt, out.created_at, out.updated_at, given);
}

std::optional<BadRow> ReadJob(const ImportRows& row, model::Job& out, store::GivenTimes& given) {
  using namespace job_column;
  if (auto bad = ReadJobId(row, kId, out.id)) return bad;
  if (auto bad = ReadText(row, kTitle, kMaxNameBytes, out.title)) return bad;
  if (auto bad = ReadStatus(row, kStatus, out.status)) return bad;
  out.contact_id.reset();
  if (!row.cell(kContactId).null) {
    out.contact_id.emplace();
    if (auto bad = ReadContactId(row, kContactId, *out.contact_id)) return bad;
  }
  if (auto bad = ReadOptionalText(row, kAddress, kMaxAddressBytes, out.address)) return bad;
  if (auto bad = ReadTime(row, kScheduledAt, out.scheduled_at)) return bad;
  if (auto bad = ReadTime(row, kCompletedAt, out.completed_at)) return bad;
  return ReadTimes(row, kCreatedAt, kUpdatedAt, out.created_at, out.updated_at, given);
}

}  // namespace portal::service
