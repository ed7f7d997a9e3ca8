#include "service/rows/row_encode.h"

#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>

#include "base/hex.h"
#include "base/json_text.h"
#include "base/time_text.h"

namespace portal::service {
namespace {

/// One row on its way to JSON: written with plain stores into room for the worst case, then appended to the
/// page in one go. Appending piece by piece costs a page of 50 rows about a tenth of its time.
class RowWriter {
 public:
  /// `text_bytes`: the sizes of all texts that will be written, added up.
  explicit RowWriter(std::size_t text_bytes) {
    const std::size_t room = kFixedParts + 6 * text_bytes;
    if (room > inline_.size()) heap_ = std::make_unique_for_overwrite<char[]>(room);
    begin_ = heap_ ? heap_.get() : inline_.data();
    at_ = begin_;
  }

  // `member` is everything before the value: `,"name":`.
  void Text(std::string_view member, std::string_view value) {
    Put(member);
    at_ = base::WriteJsonString(value, at_);
  }
  void OptionalText(std::string_view member, std::optional<std::string_view> value) {
    value ? Text(member, *value) : Null(member);
  }
  void Time(std::string_view member, base::WallTime value) {
    Put(member);
    *at_++ = '"';
    at_ = base::WriteRfc3339(value, at_);
    *at_++ = '"';
  }
  void OptionalTime(std::string_view member, std::optional<base::WallTime> value) {
    value ? Time(member, *value) : Null(member);
  }
  void Number(std::string_view member, std::int64_t value) {
    Put(member);
    at_ = std::to_chars(at_, at_ + 20, value).ptr;
  }
  void AppendTo(std::string& json) {
    *at_++ = '}';
    json.append(begin_, at_);
  }

 private:
  // Member names, quotes, times and numbers of the largest object.
  static constexpr std::size_t kFixedParts = 512;

  void Put(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  void Null(std::string_view member) {
    Put(member);
    Put("null");
  }

  std::array<char, 4096> inline_;
  std::unique_ptr<char[]> heap_;
  char* begin_;
  char* at_;
};

std::size_t SizeOf(std::string_view text) { return text.size(); }
std::size_t SizeOf(std::optional<std::string_view> text) { return text ? text->size() : 0; }
template <typename... Texts>
std::size_t SizesOf(Texts... texts) {
  return (SizeOf(texts) + ...);
}

}  // namespace

void AppendContact(const model::ContactView& contact, std::string& json) {
  RowWriter row(SizesOf(contact.id, contact.name, contact.email, contact.phone, contact.company, contact.address));
  row.Text(R"({"id":)", contact.id);
  row.Text(R"(,"name":)", contact.name);
  row.OptionalText(R"(,"email":)", contact.email);
  row.OptionalText(R"(,"phone":)", contact.phone);
  row.OptionalText(R"(,"company":)", contact.company);
  row.OptionalText(R"(,"address":)", contact.address);
  row.Time(R"(,"created_at":)", contact.created_at);
  row.Time(R"(,"updated_at":)", contact.updated_at);
  row.AppendTo(json);
}

void AppendJob(const model::JobView& job, std::string& json) {
  const std::string_view status = model::ToText(job.status);
  RowWriter row(SizesOf(job.id, job.title, status, job.contact_id, job.address));
  row.Text(R"({"id":)", job.id);
  row.Text(R"(,"title":)", job.title);
  row.Text(R"(,"status":)", status);
  row.OptionalText(R"(,"contact_id":)", job.contact_id);
  row.OptionalText(R"(,"address":)", job.address);
  row.OptionalTime(R"(,"scheduled_at":)", job.scheduled_at);
  row.OptionalTime(R"(,"completed_at":)", job.completed_at);
  row.Time(R"(,"created_at":)", job.created_at);
  row.Time(R"(,"updated_at":)", job.updated_at);
  row.AppendTo(json);
}

namespace {

/// `signed_url` may be null: the row alone.
void AppendFileRow(const model::FileView& file, const std::string_view* signed_url, base::WallTime expires_at,
                   std::string& json) {
  const std::string_view kind = model::ToText(file.kind);
  std::array<char, 64> sha256;
  base::WriteHex(file.sha256, sha256.data());
  const std::string_view digest(sha256.data(), sha256.size());
  RowWriter row(
      SizesOf(file.id, file.name, kind, file.content_type, digest, signed_url ? *signed_url : std::string_view()));
  row.Text(R"({"id":)", file.id);
  row.Text(R"(,"name":)", file.name);
  row.Text(R"(,"kind":)", kind);
  row.Text(R"(,"content_type":)", file.content_type);
  row.Number(R"(,"size":)", file.size_bytes);
  row.Text(R"(,"sha256":)", digest);
  if (signed_url) {
    row.Text(R"(,"signed_url":)", *signed_url);
    row.Time(R"(,"expires_at":)", expires_at);
  }
  row.Time(R"(,"created_at":)", file.created_at);
  row.AppendTo(json);
}

}  // namespace

void AppendSignedFile(const model::FileView& file, std::string_view signed_url, base::WallTime expires_at,
                      std::string& json) {
  AppendFileRow(file, &signed_url, expires_at, json);
}

void AppendFile(const model::FileView& file, std::string& json) { AppendFileRow(file, nullptr, {}, json); }

}  // namespace portal::service
