#include "service/rows/row_fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "base/hex.h"
#include "base/time_text.h"
#include "base/uuid_text.h"
#include "service/content_type.h"
#include "service/shown_text.h"

namespace portal::service {
namespace {

constexpr std::size_t kMaxNameBytes = 500;
constexpr std::size_t kMaxEmailBytes = 254;  // RFC 5321 §4.5.3.1.3, less the angle brackets
constexpr std::size_t kMaxPhoneBytes = 64;
constexpr std::size_t kMaxAddressBytes = 1000;

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

/// A plain date is midnight UTC.
std::optional<base::WallTime> ParseDateOrTime(std::string_view text) {
  static constexpr std::string_view kMidnight = "T00:00:00Z";
  static constexpr std::size_t kDateBytes = 10;
  if (text.size() != kDateBytes) return base::ParseRfc3339(text);
  std::array<char, kDateBytes + kMidnight.size()> full;
  std::memcpy(full.data(), text.data(), kDateBytes);
  std::memcpy(full.data() + kDateBytes, kMidnight.data(), kMidnight.size());
  return base::ParseRfc3339({full.data(), full.size()});
}

/// RFC 3339, or a plain date, of the years 0001 to 9999; nullopt where neither. Many who read rows have no year 0000.
std::optional<base::WallTime> ParseTime(std::string_view text) {
  constexpr base::WallTime kFirst = std::chrono::sys_days{std::chrono::year{1} / 1 / 1};
  const auto time = ParseDateOrTime(text);
  return time && *time >= kFirst ? time : std::nullopt;
}

/// Reads one row, column by column.
class FieldReader {
 public:
  FieldReader(std::span<const RowCell> cells, FieldComplaints& complaints) : cells_(cells), complaints_(complaints) {}

  /// Text that every row has.
  void Text(std::size_t column, std::size_t max_bytes, std::string& out) {
    const RowCell& cell = cells_[column];
    if (cell.null || IsBlank(cell.text)) return Complain(column, kEmpty);
    if (cell.text.size() > max_bytes) return Complain(column, TooLong(max_bytes));
    out.assign(cell.text);
  }

  void OptionalText(std::size_t column, std::size_t max_bytes, std::optional<std::string>& out) {
    const RowCell& cell = cells_[column];
    if (cell.null) return out.reset();
    if (cell.text.size() > max_bytes) return Complain(column, TooLong(max_bytes));
    if (out) {
      out->assign(cell.text);
    } else {
      out.emplace(cell.text);
    }
  }

  void Email(std::size_t column, std::optional<std::string>& out) {
    OptionalText(column, kMaxEmailBytes, out);
    const std::string_view text = cells_[column].text;
    if (cells_[column].null || text.size() > kMaxEmailBytes) return;
    const std::size_t at = text.find('@');
    const bool one = at != text.npos && at > 0 && at + 1 < text.size() && text.find('@', at + 1) == text.npos;
    if (!one || text.find_first_of(" \t\r\n") != text.npos) {
      Complain(column, Quoted(text) + " is no e-mail address, expected one as in ann@example.com");
    }
  }

  void Time(std::size_t column, std::optional<base::WallTime>& out) {
    const RowCell& cell = cells_[column];
    out.reset();
    if (cell.null) return;
    out = ParseTime(cell.text);
    if (out) return;
    Complain(column,
             Quoted(cell.text) + " is no date that exists, expected one as in 2025-01-31 or 2025-01-31T09:30:00Z");
  }

  /// False: the row does not give it.
  bool GivenTime(std::size_t column, base::WallTime& out) {
    std::optional<base::WallTime> time;
    Time(column, time);
    if (time) out = *time;
    return time.has_value();
  }

  void ContactId(std::size_t column, base::ContactId& out) {
    const RowCell& cell = cells_[column];
    std::string uuid(cell.text.substr(0, base::kUuidTextSize + 1));
    std::ranges::transform(uuid, uuid.begin(), base::ToLowerAscii);  // upper case is as good (RFC 9562 §4)
    if (!model::IsContactId(uuid)) {
      return Refuse(column, "is no UUID", ", expected one as in 550e8400-e29b-41d4-a716-446655440000");
    }
    out = base::ContactId{std::move(uuid)};
  }

  void JobId(std::size_t column, base::JobId& out) {
    if (!model::IsJobId(cells_[column].text)) {
      return Refuse(column, "is no job's id", ", expected job_ and 1 to 60 of A-Z, a-z, 0-9, _ and -");
    }
    out = base::JobId{std::string(cells_[column].text)};
  }

  void FileId(std::size_t column, base::FileId& out) {
    if (!model::IsFileId(cells_[column].text)) {
      return Refuse(column, "is no file's id", ", expected file_ and 1 to 60 of A-Z, a-z, 0-9, _ and -");
    }
    out = base::FileId{std::string(cells_[column].text)};
  }

  void FileName(std::size_t column, std::string& out) {
    if (!model::IsFileName(cells_[column].text)) {
      return Refuse(column, "is no file name",
                    ", expected 1 to 255 bytes without / and control characters, and not . or ..");
    }
    out.assign(cells_[column].text);
  }

  void Status(std::size_t column, model::JobStatus& out) {
    const auto status = model::ParseJobStatus(cells_[column].text);
    if (!status) {
      return Refuse(column, "is no status",
                    ", expected pending, scheduled, in_progress, on_hold, completed or cancelled");
    }
    out = *status;
  }

  void ContentType(std::size_t column, std::string& out) {
    const RowCell& cell = cells_[column];
    out.assign(cell.null ? "application/octet-stream" : cell.text);
    if (cell.null) return;
    if (cell.text.size() > model::kMaxContentTypeBytes) return Complain(column, TooLong(model::kMaxContentTypeBytes));
    if (!model::IsContentType(cell.text))
      return Refuse(column, "is no media type", ", expected one as in application/pdf");
  }

  void Kind(std::size_t column, std::string_view content_type, model::FileKind& out) {
    if (cells_[column].null) {
      out = KindOf(content_type);
      return;
    }
    const auto kind = model::ParseFileKind(cells_[column].text);
    if (!kind) return Refuse(column, "is no kind", ", expected document, photo, video or other");
    out = *kind;
  }

  void Sha256(std::size_t column, model::ContentHash& out) {
    std::string digits(cells_[column].text.substr(0, 2 * out.size() + 1));
    std::ranges::transform(digits, digits.begin(), base::ToLowerAscii);
    if (!base::FromHex(digits, out)) Refuse(column, "is no SHA-256", ", expected 64 hexadecimal digits");
  }

  void Size(std::size_t column, std::int64_t& out) {
    const std::string_view text = cells_[column].text;
    out = kNoSize;
    if (cells_[column].null) return;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || out < 0) {
      Refuse(column, "is no size", ", expected a whole number of bytes");
    }
  }

 private:
  static constexpr const char* kEmpty = "must not be empty";

  static std::string TooLong(std::size_t max_bytes) { return "longer than " + std::to_string(max_bytes) + " bytes"; }
  void Complain(std::size_t column, std::string message) { complaints_.push_back({column, std::move(message)}); }
  void Refuse(std::size_t column, const char* what, const char* expected) {
    const RowCell& cell = cells_[column];
    Complain(column, (cell.null ? kEmpty : Quoted(cell.text) + " " + what) + expected);
  }

  std::span<const RowCell> cells_;
  FieldComplaints& complaints_;
};

}  // namespace

void FillTimes(base::WallTime now, store::GivenTimes given, base::WallTime& created_at, base::WallTime& updated_at) {
  if (!given.created) created_at = given.updated ? std::min(now, updated_at) : now;
  if (!given.updated) updated_at = std::max(now, created_at);
}

void ReadContact(std::span<const RowCell> cells, model::Contact& out, store::GivenTimes& given,
                 FieldComplaints& complaints) {
  using namespace contact_column;
  FieldReader row(cells, complaints);
  row.ContactId(kId, out.id);
  row.Text(kName, kMaxNameBytes, out.name);
  row.Email(kEmail, out.email);
  row.OptionalText(kPhone, kMaxPhoneBytes, out.phone);
  row.OptionalText(kCompany, kMaxNameBytes, out.company);
  row.OptionalText(kAddress, kMaxAddressBytes, out.address);
  given.created = row.GivenTime(kCreatedAt, out.created_at);
  given.updated = row.GivenTime(kUpdatedAt, out.updated_at);
}

void ReadJob(std::span<const RowCell> cells, model::Job& out, store::GivenTimes& given, FieldComplaints& complaints) {
  using namespace job_column;
  FieldReader row(cells, complaints);
  row.JobId(kId, out.id);
  row.Text(kTitle, kMaxNameBytes, out.title);
  row.Status(kStatus, out.status);
  out.contact_id.reset();
  if (!cells[kContactId].null) row.ContactId(kContactId, out.contact_id.emplace());
  row.OptionalText(kAddress, kMaxAddressBytes, out.address);
  row.Time(kScheduledAt, out.scheduled_at);
  row.Time(kCompletedAt, out.completed_at);
  given.created = row.GivenTime(kCreatedAt, out.created_at);
  given.updated = row.GivenTime(kUpdatedAt, out.updated_at);
}

void ReadFile(std::span<const RowCell> cells, model::File& out, store::GivenTimes& given, FieldComplaints& complaints) {
  using namespace file_column;
  FieldReader row(cells, complaints);
  row.JobId(kJobId, out.job_id);
  row.FileId(kId, out.id);
  row.FileName(kName, out.name);
  row.Sha256(kSha256, out.sha256);
  row.ContentType(kContentType, out.content_type);
  row.Kind(kKind, out.content_type, out.kind);
  row.Size(kSize, out.size_bytes);
  given = {row.GivenTime(kCreatedAt, out.created_at), true};
}

void ReadContactKey(std::span<const RowCell> cells, model::Contact& out, FieldComplaints& complaints) {
  FieldReader(cells, complaints).ContactId(contact_column::kId, out.id);
}

void ReadJobKey(std::span<const RowCell> cells, model::Job& out, FieldComplaints& complaints) {
  FieldReader(cells, complaints).JobId(job_column::kId, out.id);
}

void ReadFileKey(std::span<const RowCell> cells, model::File& out, FieldComplaints& complaints) {
  FieldReader row(cells, complaints);
  row.JobId(file_column::kJobId, out.job_id);
  row.FileId(file_column::kId, out.id);
}

}  // namespace portal::service
