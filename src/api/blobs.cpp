#include <algorithm>
#include <chrono>
#include <string>

#include "api/handlers.h"
#include "base/hex.h"
#include "base/time_text.h"
#include "http/conditions.h"
#include "http/content_disposition.h"
#include "http/problem.h"
#include "store/reader.h"

namespace portal::api {
namespace {

using Disposition = http::FileGrant::Disposition;

/// What an answer about a blob needs of its row; copied, since the row's view ends with the query.
struct BlobRow {
  model::ContentHash sha256;
  std::int64_t size_bytes = 0;
  std::string content_type;
  std::chrono::sys_seconds modified;  ///< when these bytes became this file
};

Result<BlobRow> FindRow(const Context& context, const Request& request) {
  store::Reader& reader = context.reader(request);
  auto snapshot = reader.Begin(request.budget == http::ReadBudget::kLoop);
  if (!snapshot) return base::Fail(std::move(snapshot).error());
  BlobRow row;
  const http::FileGrant& grant = *request.grant;
  const auto found =
      reader.files.FindByName(grant.tenant, grant.job_id.value(), grant.name, [&](const model::FileView& file) {
        std::copy(file.sha256.begin(), file.sha256.end(), row.sha256.begin());
        row.size_bytes = file.size_bytes;
        row.content_type = file.content_type;
        row.modified = std::chrono::floor<std::chrono::seconds>(file.created_at);
      });
  if (!found) return base::Fail(found.error());
  return row;
}

/// The bytes of a row that exists: that they are not there, or not all, is damage, and not the client's 404.
Result<blob::BlobStore::Opened> OpenBlob(const Context& context, const BlobRow& row) {
  auto blob = context.blobs.Open(row.sha256);
  const auto damaged = [](std::string what) {
    return base::Fail(base::ErrorCode::kInternal, "The file's content is damaged; quote the trace id", std::move(what));
  };
  if (!blob && blob.error().code == base::ErrorCode::kNotFound) {
    return damaged("blob " + base::ToHex(row.sha256) + " is missing");
  }
  if (blob && blob->size_bytes != row.size_bytes) {
    return damaged("blob " + base::ToHex(row.sha256) + " has " + std::to_string(blob->size_bytes) + " bytes, not " +
                   std::to_string(row.size_bytes));
  }
  return blob;
}

/// Shown in the browser only where the type runs nothing there, and the URL does not ask for a download.
bool IsShownInline(const http::FileGrant& grant, std::string_view content_type) {
  return grant.disposition != Disposition::kAttachment && http::MayBeShownInline(content_type);
}

/// The sandbox keeps a blob from acting on the portal's origin; it blanks inline PDFs in some browsers.
std::string_view SecurityPolicy(bool shown_inline, std::string_view content_type) {
  return shown_inline && content_type == "application/pdf" ? "default-src 'none'" : "default-src 'none'; sandbox";
}

/// What a whole, a partial and an unchanged answer have in common.
void Describe(const Request& request, const http::Validators& current, Response& response) {
  const auto seconds_left = request.grant->expires - std::chrono::floor<std::chrono::seconds>(request.now);
  std::string modified;
  base::AppendHttpDate(*current.last_modified, modified);
  response.Add("ETag", std::string(current.etag));
  response.Add("Last-Modified", std::move(modified));
  response.Add("Cache-Control", "private, max-age=" + std::to_string(seconds_left.count()));
  response.Add("Accept-Ranges", "bytes");
}

Response NotSatisfiable(const Context& context, const Request& request, std::uint64_t size) {
  const std::string length = std::to_string(size);
  Response response = http::RenderProblem({base::ErrorCode::kRangeNotSatisfiable,
                                           "The range starts past the end: the file has " + length + " bytes",
                                           {},
                                           {}},
                                          context.PublicBase(request), request.trace_id.view());
  response.Add("Content-Range", "bytes */" + length);
  return response;
}

}  // namespace

Result<Response> GetBlob(const Context& context, const Request& request) {
  const auto row = FindRow(context, request);
  if (!row) {
    const bool gone = row.error().code == base::ErrorCode::kNotFound;
    if (gone) context.links.counts().NoteRefused(service::LinkRefusal::kNotFound);
    return base::Fail(row.error());
  }
  auto blob = OpenBlob(context, *row);
  if (!blob) return base::Fail(std::move(blob).error());

  const std::string etag = '"' + base::ToHex(row->sha256) + '"';
  const http::Validators current{etag, row->modified};
  Response response;
  switch (http::EvaluatePreconditions(request.head, current, request.now)) {
    case http::Precondition::kFailed:
      return base::Fail(base::ErrorCode::kPreconditionFailed, "The file is not the one that the condition names");
    case http::Precondition::kNotModified:
      response.status = 304;
      response.content_type = {};
      Describe(request, current, response);
      return response;
    case http::Precondition::kProceed:
      break;
  }

  const auto size = static_cast<std::uint64_t>(blob->size_bytes);
  http::RangeVerdict range{http::RangeVerdict::Kind::kWhole};
  if (const auto field = request.head.Find("Range");
      field && request.head.method == http::Method::kGet && http::IfRangeHolds(request.head, current, request.now)) {
    range = http::EvaluateRange(*field, size);
  }
  if (range.kind == http::RangeVerdict::Kind::kUnsatisfiable) return NotSatisfiable(context, request, size);
  if (range.kind == http::RangeVerdict::Kind::kWhole) {
    range.length = size;
  } else {
    response.status = 206;
    response.Add("Content-Range", "bytes " + std::to_string(range.offset) + "-" +
                                      std::to_string(range.offset + range.length - 1) + "/" + std::to_string(size));
  }

  const bool shown_inline = IsShownInline(*request.grant, row->content_type);
  Describe(request, current, response);
  response.Add("Content-Disposition",
               http::ContentDisposition(shown_inline ? "inline" : "attachment", request.grant->name));
  response.content_security_policy = SecurityPolicy(shown_inline, row->content_type);
  response.content_type_storage = row->content_type;
  response.file = http::FileRegion{std::move(blob->fd), range.offset, range.length, &context.breakers.blob_reads()};
  return response;
}

}  // namespace portal::api
