#include "service/backup/manifest.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/hex.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "service/backup/backup_layout.h"
#include "service/backup/blob_copy.h"
#include "service/rapidjson_document.h"

namespace portal::service {
namespace {

using base::ErrorCode;
using base::Fail;
using rapidjson::Value;

// A blob's line takes 90 bytes: eleven million blobs.
constexpr std::size_t kMostBytes = 1 << 30;

void AppendFile(const ManifestFile& file, std::string& out) {
  out += "{\"sha256\": \"";
  base::AppendHex(file.sha256, out);
  out += "\", \"size\": ";
  base::AppendDecimal(file.size_bytes, out);
  out += '}';
}

void AppendText(std::string_view name, std::string_view value, std::string& out) {
  out.append("  \"").append(name).append("\": ");
  base::AppendJsonString(value, out);
  out += ",\n";
}

/// One member a line, so that a person can read it with `less` and compare two with `diff`.
template <typename Members, typename Append>
void AppendList(std::string_view name, const Members& members, std::string_view end, std::string& out, Append append) {
  out.append("  \"").append(name).append("\": [");
  bool first = true;
  for (const auto& member : members) {
    out += first ? "\n    " : ",\n    ";
    append(member);
    first = false;
  }
  out.append(first ? "]" : "\n  ]").append(end);
}

void AppendTenant(const store::TenantFacts& tenant, std::string& out) {
  out += "{\"slug\": ";
  base::AppendJsonString(tenant.slug, out);
  for (const auto& [name, value] : {std::pair{"revision", tenant.revision}, std::pair{"contacts", tenant.contacts},
                                    std::pair{"jobs", tenant.jobs}, std::pair{"files", tenant.files}}) {
    out.append(", \"").append(name).append("\": ");
    base::AppendDecimal(value, out);
  }
  out += '}';
}

auto Damaged(const std::string& what) {
  return Fail(ErrorCode::kUnavailable, "The backup's manifest.json is damaged (" + what + "); choose another backup");
}

/// Reads members of JSON objects; the first that is not as it must be is remembered.
class Members {
 public:
  const Value* Find(const Value& object, const char* name) {
    if (object.IsObject()) {
      const auto at = object.FindMember(name);
      if (at != object.MemberEnd()) return &at->value;
    }
    return Complain(name, "is missing");
  }
  std::string Text(const Value& object, const char* name) {
    const Value* value = Find(object, name);
    if (value && !value->IsString()) value = Complain(name, "is not text");
    return value ? std::string(value->GetString(), value->GetStringLength()) : std::string();
  }
  std::int64_t Count(const Value& object, const char* name) {
    const Value* value = Find(object, name);
    if (value && (!value->IsInt64() || value->GetInt64() < 0)) value = Complain(name, "is not a count");
    return value ? value->GetInt64() : 0;
  }
  bool Flag(const Value& object, const char* name) {
    const Value* value = Find(object, name);
    if (value && !value->IsBool()) value = Complain(name, "is not true or false");
    return value && value->GetBool();
  }
  crypto::Sha256Digest Hash(const Value& value, const char* name) {
    crypto::Sha256Digest hash{};
    if (!value.IsString() || !base::FromHex({value.GetString(), value.GetStringLength()}, hash)) {
      Complain(name, "is not 64 hex digits");
    }
    return hash;
  }
  ManifestFile File(const Value& object, const char* name) {
    if (!object.IsObject()) {
      Complain(name, "is not an object");
      return {};
    }
    const Value* hash = Find(object, "sha256");
    return {hash ? Hash(*hash, "sha256") : crypto::Sha256Digest{}, Count(object, "size")};
  }
  template <typename Take>
  void ForEach(const Value& object, const char* name, Take take) {
    const Value* list = Find(object, name);
    if (list && !list->IsArray()) list = Complain(name, "is not a list");
    if (!list) return;
    for (const Value& member : list->GetArray()) take(member);
  }
  const Value* Complain(const char* name, const char* what) {
    if (complaint_.empty()) complaint_ = std::string(name) + " " + what;
    return nullptr;
  }
  const std::string& complaint() const { return complaint_; }

 private:
  std::string complaint_;
};

store::TenantFacts ReadTenant(Members& members, const Value& tenant) {
  return {members.Text(tenant, "slug"), members.Count(tenant, "revision"), members.Count(tenant, "contacts"),
          members.Count(tenant, "jobs"), members.Count(tenant, "files")};
}

Manifest ReadMembers(Members& members, const Value& root) {
  Manifest manifest;
  manifest.program = members.Text(root, "program");
  manifest.store.schema_version = static_cast<int>(std::min<std::int64_t>(members.Count(root, "schema"), 1'000'000));
  manifest.store.epoch = members.Text(root, "epoch");
  const auto made_at = base::ParseRfc3339(members.Text(root, "made_at"));
  if (!made_at) members.Complain("made_at", "is not a time");
  manifest.made_at = made_at.value_or(base::WallTime{});
  manifest.demo_data = members.Flag(root, "demo_data");
  if (const Value* database = members.Find(root, "database")) manifest.database = members.File(*database, "database");
  if (const Value* keys = members.Find(root, "keys"); keys && !keys->IsNull()) {
    manifest.keys = members.File(*keys, "keys");
  }
  members.ForEach(root, "tenants",
                  [&](const Value& tenant) { manifest.store.tenants.push_back(ReadTenant(members, tenant)); });
  members.ForEach(root, "blobs", [&](const Value& blob) {
    const ManifestFile file = members.File(blob, "blobs");
    if (!manifest.store.blobs.emplace(file.sha256, file.size_bytes).second) members.Complain("blobs", "repeats one");
  });
  members.ForEach(root, "missing_blobs",
                  [&](const Value& blob) { manifest.missing_blobs.push_back(members.Hash(blob, "missing_blobs")); });
  return manifest;
}

}  // namespace

std::int64_t Manifest::BlobBytes() const {
  std::int64_t bytes = 0;
  for (const auto& [hash, size] : store.blobs) bytes += size;
  return bytes;
}

std::string ToJson(const Manifest& manifest) {
  std::string out = "{\n  \"format\": ";
  base::AppendDecimal(Manifest::kFormat, out);
  out += ",\n";
  AppendText("program", manifest.program, out);
  out += "  \"schema\": ";
  base::AppendDecimal(manifest.store.schema_version, out);
  out += ",\n";
  AppendText("epoch", manifest.store.epoch, out);
  AppendText("made_at", base::FormatRfc3339(manifest.made_at), out);
  out += manifest.demo_data ? "  \"demo_data\": true,\n" : "  \"demo_data\": false,\n";
  out += "  \"database\": ";
  AppendFile(manifest.database, out);
  out += ",\n  \"keys\": ";
  if (manifest.keys) {
    AppendFile(*manifest.keys, out);
  } else {
    out += "null";
  }
  out += ",\n";
  AppendList("tenants", manifest.store.tenants, ",\n", out,
             [&](const store::TenantFacts& tenant) { AppendTenant(tenant, out); });
  AppendList("blobs", manifest.store.blobs, ",\n", out, [&](const auto& blob) {
    AppendFile({blob.first, blob.second}, out);
  });
  AppendList("missing_blobs", manifest.missing_blobs, "\n", out, [&](const model::ContentHash& hash) {
    out += '"';
    base::AppendHex(hash, out);
    out += '"';
  });
  return out + "}\n";
}

base::Result<Manifest> ParseManifest(std::string_view text) {
  rapidjson::Document root;
  // Iterative: deep nesting must not use up the stack.
  root.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  if (root.HasParseError() || !root.IsObject()) return Damaged("it is not a JSON object");
  Members members;
  const std::int64_t format = members.Count(root, "format");
  if (members.complaint().empty() && format != Manifest::kFormat) {
    return Fail(ErrorCode::kUnavailable, "The backup has format " + std::to_string(format) + ", this program knows " +
                                             std::to_string(Manifest::kFormat) +
                                             ": it was made by another release; use that one");
  }
  Manifest manifest = ReadMembers(members, root);
  if (!members.complaint().empty()) return Damaged(members.complaint());
  return manifest;
}

base::Result<Manifest> ReadManifest(const std::filesystem::path& backup) {
  const std::filesystem::path file = backup / kBackupManifest;
  const auto fd = OpenForReading(file);
  if (!fd) return Fail(fd.error());
  std::string text;
  std::string part(1 << 16, '\0');
  for (;;) {
    const ssize_t got = ::read(fd->get(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Fail(ErrorCode::kUnavailable, file.string() + " cannot be read: " + std::strerror(errno));
    if (got == 0) break;
    text.append(part, 0, static_cast<std::size_t>(got));
    if (text.size() > kMostBytes) return Damaged("it is larger than 1 GiB");
  }
  return ParseManifest(text);
}

}  // namespace portal::service
