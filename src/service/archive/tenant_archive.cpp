#include "service/archive/tenant_archive.h"

#include <array>

#include "base/hex.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "service/budget_fields.h"
#include "service/rapidjson_document.h"

namespace portal::service {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::array<std::string_view, 3> kRowsFolders = {"contacts/", "jobs/", "files/"};
constexpr std::string_view kRowsSuffix = ".ndjson";
constexpr std::size_t kNumberDigits = 6;
constexpr std::string_view kBlobsFolder = "blobs/";

/// `{"format": 1, "slug": "acme"}`, a member a line.
class JsonLines {
 public:
  void Text(std::string_view name, std::string_view value) {
    Begin(name);
    base::AppendJsonString(value, json_);
  }
  void Number(std::string_view name, std::int64_t value) {
    Begin(name);
    base::AppendDecimal(value, json_);
  }
  void Number(std::string_view name, std::optional<std::int64_t> value) {
    if (value) return Number(name, *value);
    Begin(name);
    json_ += "null";
  }
  std::string Done() { return std::move(json_) + "\n}\n"; }

 private:
  void Begin(std::string_view name) { json_.append(json_.empty() ? "{\n  \"" : ",\n  \"").append(name).append("\": "); }
  std::string json_;
};

/// Takes members out of a JSON object and remembers the first complaint.
class Members {
 public:
  Members(std::string_view file, std::string_view json) : file_(file) {
    // Iterative: deep nesting must not use up the stack.
    root_.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(json.data(), json.size());
    if (root_.HasParseError() || !root_.IsObject()) complaint_ = file_ + " is not a JSON object";
  }

  const rapidjson::Value* Find(const char* name) {
    if (!complaint_.empty()) return nullptr;
    if (root_.HasMember(name)) return &root_[name];
    Complain(name, "is missing");
    return nullptr;
  }
  std::string Text(const char* name) {
    const rapidjson::Value* value = Find(name);
    if (value && value->IsString()) return {value->GetString(), value->GetStringLength()};
    if (value) Complain(name, "is not text");
    return {};
  }
  std::int64_t Count(const char* name) {
    const rapidjson::Value* value = Find(name);
    if (value && value->IsInt64() && value->GetInt64() >= 0) return value->GetInt64();
    if (value) Complain(name, "is not a whole number from 0 on");
    return 0;
  }
  std::optional<std::int64_t> OptionalCount(const char* name) {
    const rapidjson::Value* value = Find(name);
    if (!value || value->IsNull()) return std::nullopt;
    return Count(name);
  }
  /// nullopt also where the member is absent, as in exports from before there were budgets.
  std::optional<std::uint32_t> OptionalBudget(const std::string& name) {
    if (!complaint_.empty()) return std::nullopt;
    const auto member = root_.FindMember(name.c_str());
    if (member == root_.MemberEnd() || member->value.IsNull()) return std::nullopt;
    if (member->value.IsUint() && member->value.GetUint() <= model::kMaxBudget) return member->value.GetUint();
    Complain(name, "is neither null nor a number of requests, 0 to " + std::to_string(model::kMaxBudget));
    return std::nullopt;
  }
  void Complain(const std::string& name, const std::string& what) {
    if (complaint_.empty()) complaint_ = file_ + ": " + name + " " + what;
  }
  /// `value`, or the complaint.
  template <typename T>
  base::Result<T> Checked(T value) {
    if (!complaint_.empty()) return base::Fail(base::ErrorCode::kValidation, complaint_);
    return value;
  }

 private:
  const std::string file_;
  rapidjson::Document root_;
  std::string complaint_;
};

}  // namespace

std::string ToJson(const TenantArchiveHead& head) {
  JsonLines json;
  json.Number("format", kFormat);
  json.Text("program", head.program);
  json.Text("made_at", base::FormatRfc3339(head.made_at));
  json.Text("slug", head.slug);
  json.Text("name", head.name);
  json.Text("bucket", head.bucket);
  json.Number("quota_bytes", head.quota_bytes);
  for (const model::LimitPolicy policy : model::kEveryLimitPolicy) {
    json.Number(BudgetField(policy), std::optional<std::int64_t>(head.budgets.Of(policy)));
  }
  return json.Done();
}

std::string ToJson(const TenantArchiveEnd& end) {
  JsonLines json;
  json.Number("contacts", end.counts.contacts);
  json.Number("jobs", end.counts.jobs);
  json.Number("files", end.counts.files);
  json.Number("blobs", end.counts.blobs);
  json.Number("blob_bytes", end.counts.blob_bytes);
  json.Text("sha256", base::ToHex(end.sha256));
  return json.Done();
}

base::Result<TenantArchiveHead> ParseArchiveHead(std::string_view json) {
  Members members(kArchiveHeadName, json);
  const std::int64_t format = members.Count("format");
  TenantArchiveHead head;
  head.program = members.Text("program");
  if (format > kFormat) {
    return base::Fail(base::ErrorCode::kValidation,
                      "the export has format " + std::to_string(format) + " and this release knows formats up to " +
                          std::to_string(kFormat) + ": import it with portal-appliance " + head.program + " or later");
  }
  if (format != kFormat) members.Complain("format", "is none that any release wrote");
  const auto made_at = base::ParseRfc3339(members.Text("made_at"));
  if (!made_at) members.Complain("made_at", "is not a time");
  head.made_at = made_at.value_or(base::WallTime{});
  head.slug = members.Text("slug");
  head.name = members.Text("name");
  head.bucket = members.Text("bucket");
  head.quota_bytes = members.OptionalCount("quota_bytes");
  for (const model::LimitPolicy policy : model::kEveryLimitPolicy) {
    head.budgets.Set(policy, members.OptionalBudget(BudgetField(policy)));
  }
  return members.Checked(std::move(head));
}

base::Result<TenantArchiveEnd> ParseArchiveEnd(std::string_view json) {
  Members members(kArchiveEndName, json);
  TenantArchiveEnd end;
  end.counts.contacts = members.Count("contacts");
  end.counts.jobs = members.Count("jobs");
  end.counts.files = members.Count("files");
  end.counts.blobs = members.Count("blobs");
  end.counts.blob_bytes = members.Count("blob_bytes");
  if (!base::FromHex(members.Text("sha256"), end.sha256)) members.Complain("sha256", "is not 64 hex digits");
  return members.Checked(end);
}

std::string ArchiveRowsName(ArchiveRows kind, std::int64_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < kNumberDigits) digits.insert(0, kNumberDigits - digits.size(), '0');
  return std::string(kRowsFolders[static_cast<std::size_t>(kind)]).append(digits).append(kRowsSuffix);
}

std::optional<ArchiveRows> ParseArchiveRowsName(std::string_view name) {
  if (!name.ends_with(kRowsSuffix)) return std::nullopt;
  for (std::size_t kind = 0; kind < kRowsFolders.size(); ++kind) {
    if (name.starts_with(kRowsFolders[kind])) return static_cast<ArchiveRows>(kind);
  }
  return std::nullopt;
}

std::string ArchiveBlobName(const model::ContentHash& sha256) {
  std::string name(kBlobsFolder);
  base::AppendHex(sha256, name);
  return name;
}

std::optional<model::ContentHash> ParseArchiveBlobName(std::string_view name) {
  model::ContentHash sha256{};
  if (!name.starts_with(kBlobsFolder)) return std::nullopt;
  if (!base::FromHex(name.substr(kBlobsFolder.size()), sha256)) return std::nullopt;
  return sha256;
}

}  // namespace portal::service
