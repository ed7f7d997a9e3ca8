#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/hex.h"
#include "base/json_object.h"
#include "control/json_answers.h"
#include "control/rows.h"
#include "crypto/base64url.h"
#include "http/repr_digest.h"
#include "service/stored_file.h"
#include "store/reader.h"

namespace portal::control {
namespace {

using base::ErrorCode;
using base::Fail;
using model::ContentHash;

base::Error Invalid(const char* parameter, std::string detail) {
  return {ErrorCode::kValidation, parameter + (": " + detail), {}, {{parameter, std::move(detail)}}};
}

Result<ContentHash> HashOf(const Request& request) {
  ContentHash sha256;
  if (base::FromHex(request.Path("sha256"), sha256)) return sha256;
  return Fail(Invalid("sha256", "\"" + request.Path("sha256") + "\" is not 64 lower-case hex digits"));
}

/// nullopt for what is no hash of 32 bytes.
std::optional<ContentHash> FromBase64(std::string_view text) {
  std::string digits(text.substr(0, text.find('=')));
  std::ranges::replace(digits, '+', '-');
  std::ranges::replace(digits, '/', '_');
  const auto bytes = crypto::FromBase64Url(digits);
  ContentHash sha256;
  if (!bytes || bytes->size() != sha256.size()) return std::nullopt;
  std::ranges::transform(*bytes, sha256.begin(), [](char byte) { return static_cast<unsigned char>(byte); });
  return sha256;
}

/// nullopt: the tenant does not have it.
Result<std::optional<std::int64_t>> SizeOf(const Context& context, const Request& request, const ContentHash& sha256) {
  return context.database.reader(request.worker()).files.FindBlob(request.tenant(), sha256);
}

/// Refuses what could not be kept anyway, before its bytes are sent. The commit decides.
/// `given_back`: bytes of a file that is replaced.
base::Status CheckRoom(const Context& context, const Request& request, std::uint64_t length, std::int64_t given_back) {
  if (length > context.config.control.max_upload) {
    return Fail(ErrorCode::kPayloadTooLarge, "The file's " + std::to_string(length) + " bytes are more than the " +
                                                 std::to_string(context.config.control.max_upload) +
                                                 " of control.max_upload");
  }
  const model::Tenant& tenant = request.tenant_row();
  const std::int64_t used = tenant.blob_bytes - given_back;
  if (!tenant.quota_bytes || static_cast<std::int64_t>(length) <= *tenant.quota_bytes - used) return {};
  return Fail(ErrorCode::kStorageFull, "The file's " + std::to_string(length) +
                                           " bytes do not fit into the tenant's quota of " +
                                           std::to_string(*tenant.quota_bytes) + " bytes, of which " +
                                           std::to_string(used) + " are used: delete files, or have the quota raised");
}

/// The body's promised hash, as base64. Refuses what no upload may be.
Result<std::optional<std::string_view>> ReadPromise(const Request& request) {
  if (!request.content_length()) return Fail(ErrorCode::kLengthRequired, "An upload needs a Content-Length");
  if (const auto coding = request.Header("Content-Encoding"); coding && *coding != "identity") {
    return Fail(ErrorCode::kUnsupportedMediaType,
                "Content-Encoding: a file is kept as it comes; send it without a coding");
  }
  return http::PromisedSha256(request.head());
}

/// Does the tenant have the promised bytes already, so that they need no room?
Result<bool> Has(const Context& context, const Request& request, std::optional<std::string_view> promised) {
  const auto sha256 = promised ? FromBase64(*promised) : std::nullopt;
  if (!sha256) return false;
  const auto size = SizeOf(context, request, *sha256);
  if (!size) return Fail(size.error());
  return size->has_value();
}

/// The body, received and checked against what the request promises of it. `known`: its hash, where the path says it;
/// `given_back` as CheckRoom.
Result<blob::StagedBlob> Receive(const Context& context, Request& request, const std::optional<ContentHash>& known,
                                 std::int64_t given_back) {
  const auto promised = ReadPromise(request);
  if (!promised) return Fail(promised.error());
  const std::string known_text = known ? crypto::ToBase64(*known) : std::string();
  const auto held = Has(context, request, known ? std::optional<std::string_view>(known_text) : *promised);
  if (!held) return Fail(held.error());
  if (!*held) {
    auto room = CheckRoom(context, request, *request.content_length(), given_back);
    if (!room) return Fail(std::move(room).error());
  }
  auto staging = context.blobs.Stage();
  if (!staging) return Fail(std::move(staging).error());
  const base::Status received = request.ReadBody(context.config.control.max_upload, [&](std::string_view bytes) {
    return staging->Append(std::as_bytes(std::span(bytes)));
  });
  if (!received) return Fail(received.error());
  auto staged = std::move(*staging).Finish();
  if (!staged) return staged;
  if (*promised && crypto::ToBase64(staged->sha256()) != **promised) {
    return Fail(ErrorCode::kBadRequest, "Repr-Digest: the body has another SHA-256, " + base::ToHex(staged->sha256()) +
                                            "; nothing of it was kept");
  }
  return staged;
}

std::string BlobPath(const Request& request, std::span<const unsigned char, 32> sha256) {
  return "/api/tenants/" + request.tenant_row().slug + "/blobs/" + base::ToHex(sha256);
}

/// What the query and the path say of a file.
Result<service::FileDescription> Describe(Request& request) {
  service::FileDescription description;
  description.job = base::JobId(request.Path("job"));
  description.id = base::FileId(request.Path("id"));
  if (!model::IsFileId(description.id->value())) {
    return Fail(Invalid("id", "\"" + description.id->value() + "\" is not file_ and 1 to 60 letters, digits, - or _"));
  }
  const auto name = request.Query("name");
  if (!name) return Fail(Invalid("name", "is missing: ?name= says what the file is called"));
  if (!model::IsFileName(*name)) {
    return Fail(Invalid("name", "must be 1 to 255 bytes of UTF-8 without / and control characters, and not . or .."));
  }
  description.name = *name;
  if (const auto kind = request.Query("kind")) {
    description.kind = model::ParseFileKind(*kind);
    if (!description.kind) return Fail(Invalid("kind", "must be document, photo, video or other"));
  }
  description.content_type = request.Header("Content-Type").value_or("");
  if (!description.content_type.empty() && !model::IsContentType(description.content_type)) {
    return Fail(Invalid("Content-Type", "is no media type, expected one as in application/pdf"));
  }
  description.created_at = request.now();
  return description;
}

/// What there is of a file before its bytes come; nullopt: nothing.
Result<std::optional<model::File>> FindFile(const Context& context, const Request& request,
                                            const service::FileDescription& description) {
  std::optional<model::File> file;
  const auto found = context.database.reader(request.worker())
                         .files.Find(request.tenant(), description.job.value(), description.id->value(),
                                     [&](const model::FileView& row) {
                                       file.emplace();
                                       file->id = *description.id;
                                       file->job_id = description.job;
                                       file->name = row.name;
                                       file->kind = row.kind;
                                       file->content_type = row.content_type;
                                       file->size_bytes = row.size_bytes;
                                       std::ranges::copy(row.sha256, file->sha256.begin());
                                       file->created_at = row.created_at;
                                     });
  if (!found && found.error().code != ErrorCode::kNotFound) return Fail(found.error());
  return file;
}

}  // namespace

Result<Answer> PutBlob(const Context& context, Request& request) {
  const auto sha256 = HashOf(request);
  if (!sha256) return Fail(sha256.error());
  auto staged = Receive(context, request, *sha256, 0);
  if (!staged) return Fail(std::move(staged).error());
  if (staged->sha256() != *sha256) {
    return Fail(ErrorCode::kBadRequest, "The body has another SHA-256 than the path, " + base::ToHex(staged->sha256()) +
                                            "; nothing of it was kept");
  }
  base::JsonObject json;
  json.Text("sha256", base::ToHex(*sha256)).Number("size", staged->size_bytes());
  const auto outcome =
      service::StoreBlob(context.database.writer(), context.blobs, request.tenant(), *std::move(staged));
  if (!outcome) return Fail(outcome.error());
  if (*outcome == service::BlobOutcome::kNew) return CreatedAt(BlobPath(request, *sha256), json.Done());
  Answer answer;
  answer.body = json.Done();
  return answer;
}

Result<Answer> FindBlob(const Context& context, Request& request) {
  const auto sha256 = HashOf(request);
  if (!sha256) return Fail(sha256.error());
  const auto size = SizeOf(context, request, *sha256);
  if (!size) return Fail(size.error());
  if (!*size) return Fail(ErrorCode::kNotFound, "Blob not found");
  Answer answer;
  answer.content_type = {};
  answer.Add("X-Blob-Size", std::to_string(**size));
  answer.Add("Repr-Digest", http::ReprDigest(*sha256));
  return answer;
}

Result<Answer> PutFileContent(const Context& context, Request& request) {
  const auto description = Describe(request);
  if (!description) return Fail(description.error());
  const auto job = context.database.reader(request.worker()).jobs.Exists(request.tenant(), description->job.value());
  if (!job) return Fail(job.error());
  if (!*job) return Fail(ErrorCode::kNotFound, "Job not found");
  const auto old = FindFile(context, request, *description);
  if (!old) return Fail(old.error());
  const auto editor = EditorFor<service::FileRows>(context, request);
  const auto conditions = ConditionsOf(request);
  const auto may_store = [&](const std::optional<model::File>& file) { return editor.Check(file, conditions); };
  if (auto allowed = may_store(*old); !allowed) return Fail(std::move(allowed).error());
  auto staged = Receive(context, request, std::nullopt, *old ? (*old)->size_bytes : 0);
  if (!staged) return Fail(std::move(staged).error());
  const auto stored = service::StoreFile(context.database.writer(), context.blobs, request.tenant(), *description,
                                         *std::move(staged), may_store);
  if (!stored) return Fail(stored.error());
  service::RowDocument document = editor.Describe(stored->file);
  document.created = stored->outcome == store::UpsertOutcome::kInserted;
  return ShowRow(std::move(document));
}

}  // namespace portal::control
