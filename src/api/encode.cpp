#include "api/encode.h"

#include <optional>

#include "base/hex.h"
#include "base/json_text.h"
#include "base/time_text.h"

namespace portal::api {
namespace {

// `member` is everything before the value: `,"name":`.
void Text(std::string_view member, std::string_view value, std::string& json) {
  json += member;
  base::AppendJsonString(value, json);
}

void OptionalText(std::string_view member, std::optional<std::string_view> value, std::string& json) {
  json += member;
  if (value) {
    base::AppendJsonString(*value, json);
  } else {
    json += "null";
  }
}

void Time(std::string_view member, base::WallTime value, std::string& json) {
  json += member;
  json += '"';
  base::AppendRfc3339(value, json);
  json += '"';
}

void OptionalTime(std::string_view member, std::optional<base::WallTime> value, std::string& json) {
  if (value) {
    Time(member, *value, json);
  } else {
    json += member;
    json += "null";
  }
}

}  // namespace

void AppendContact(const model::ContactView& contact, std::string& json) {
  Text(R"({"id":)", contact.id, json);
  Text(R"(,"name":)", contact.name, json);
  OptionalText(R"(,"email":)", contact.email, json);
  OptionalText(R"(,"phone":)", contact.phone, json);
  OptionalText(R"(,"company":)", contact.company, json);
  OptionalText(R"(,"address":)", contact.address, json);
  Time(R"(,"created_at":)", contact.created_at, json);
  Time(R"(,"updated_at":)", contact.updated_at, json);
  json += '}';
}

void AppendJob(const model::JobView& job, std::string& json) {
  Text(R"({"id":)", job.id, json);
  Text(R"(,"title":)", job.title, json);
  Text(R"(,"status":)", model::ToText(job.status), json);
  OptionalText(R"(,"contact_id":)", job.contact_id, json);
  OptionalText(R"(,"address":)", job.address, json);
  OptionalTime(R"(,"scheduled_at":)", job.scheduled_at, json);
  OptionalTime(R"(,"completed_at":)", job.completed_at, json);
  Time(R"(,"created_at":)", job.created_at, json);
  Time(R"(,"updated_at":)", job.updated_at, json);
  json += '}';
}

void AppendFile(const model::FileView& file, std::string_view signed_url, base::WallTime expires_at,
                std::string& json) {
  Text(R"({"id":)", file.id, json);
  Text(R"(,"name":)", file.name, json);
  Text(R"(,"kind":)", model::ToText(file.kind), json);
  Text(R"(,"content_type":)", file.content_type, json);
  json += R"(,"size":)";
  base::AppendDecimal(file.size_bytes, json);
  json += R"(,"sha256":")";
  base::AppendHex(file.sha256, json);
  json += '"';
  Text(R"(,"signed_url":)", signed_url, json);
  Time(R"(,"expires_at":)", expires_at, json);
  Time(R"(,"created_at":)", file.created_at, json);
  json += '}';
}

}  // namespace portal::api
