#include <array>
#include <chrono>

#include "api/handlers.h"
#include "api/list.h"
#include "service/rows/row_encode.h"
#include "store/reader.h"

namespace portal::api {
namespace {

using Disposition = http::FileGrant::Disposition;

constexpr std::array<std::string_view, 2> kSorts = {"created_at", "name"};  // as in FileSort
constexpr std::array<std::string_view, 2> kDispositions = {"attachment", "inline"};

Disposition ReadDisposition(Parameters& parameters) {
  const auto choice = parameters.OneOf("disposition", kDispositions);
  if (!choice) return Disposition::kUnspecified;
  return *choice == 0 ? Disposition::kAttachment : Disposition::kInline;
}

struct FilePage : DecodedPage<model::FileQuery> {
  Disposition disposition = Disposition::kUnspecified;
};

Result<FilePage> DecodeFilePage(const Context& context, const Request& request) {
  auto parsed = Parameters::Parse(request.head.query);
  if (!parsed) return base::Fail(std::move(parsed).error());
  Parameters& parameters = *parsed;
  PageAddressReader address(request, parameters);
  FilePage page;

  if (const auto kind = parameters.OneOf("kind", model::kFileKindNames)) {
    page.query.kind = static_cast<model::FileKind>(*kind);
    address.Carry("kind", model::ToText(*page.query.kind));
  }
  ReadSort<model::FileSort>(parameters, address, kSorts, page.query);
  page.disposition = ReadDisposition(parameters);
  if (page.disposition != Disposition::kUnspecified) {
    address.Carry("disposition", kDispositions[page.disposition == Disposition::kAttachment ? 0 : 1]);
  }

  if (auto valid = FinishDecoding(context, parameters, address, page); !valid) {
    return base::Fail(std::move(valid).error());
  }
  return page;
}

/// Writes file rows, each with a URL signed for the caller. All rows of an answer expire together.
class FileEncoder {
 public:
  FileEncoder(const Context& context, const Request& request, std::string_view bucket, Disposition disposition)
      : expires_(context.links.Expiry(request.now)),
        signer_(context.links.For(request.identity->tenant, bucket, request.path_parameters[0], expires_,
                                  request.identity->client.value(), disposition)),
        url_(context.FilesBase(request)),
        base_size_(url_.size()) {}

  void Append(const model::FileView& file, std::string& json) {
    url_.resize(base_size_);
    signer_.Append(file.name, url_);
    service::AppendSignedFile(file, url_, expires_, json);
    ++made_;
  }

  std::uint64_t made() const { return made_; }

 private:
  const std::chrono::sys_seconds expires_;
  const service::FileLinks::Signer signer_;
  std::string url_;
  const std::size_t base_size_;
  std::uint64_t made_ = 0;
};

/// A kept answer would hold dead URLs: it is never stored, and has no ETag to be asked about.
void ForbidStorage(Response& response) {
  response.Add("Cache-Control", "private, max-age=0, no-store");
  response.Add("Pragma", "no-cache");
}

}  // namespace

Result<Response> ListFiles(const Context& context, const Request& request) {
  const auto page = DecodeFilePage(context, request);
  if (!page) return base::Fail(page.error());
  const base::TenantId tenant = request.identity->tenant;
  store::Reader& reader = context.reader(request);
  auto snapshot = reader.Begin(request.budget == http::ReadBudget::kLoop);
  if (!snapshot) return base::Fail(std::move(snapshot).error());
  auto bucket = reader.tenants.Bucket(tenant);
  if (!bucket) return base::Fail(std::move(bucket).error());

  FileEncoder encoder(context, request, *bucket, page->disposition);
  PageBody body;
  const auto info = reader.files.List(tenant, request.path_parameters[0], page->query,
                                      [&](const model::FileView& file) { encoder.Append(file, body.NextRow()); });
  if (!info) return base::Fail(info.error());
  context.links.counts().NoteMade(encoder.made());
  Response response = std::move(body).Finish(context, request, page->address, *info);
  ForbidStorage(response);
  return response;
}

Result<Response> GetFile(const Context& context, const Request& request) {
  auto parameters = Parameters::Parse(request.head.query);
  if (!parameters) return base::Fail(std::move(parameters).error());
  const Disposition disposition = ReadDisposition(*parameters);
  if (auto valid = parameters->Finish(); !valid) return base::Fail(std::move(valid).error());

  const base::TenantId tenant = request.identity->tenant;
  store::Reader& reader = context.reader(request);
  auto snapshot = reader.Begin(request.budget == http::ReadBudget::kLoop);
  if (!snapshot) return base::Fail(std::move(snapshot).error());
  auto bucket = reader.tenants.Bucket(tenant);
  if (!bucket) return base::Fail(std::move(bucket).error());

  FileEncoder encoder(context, request, *bucket, disposition);
  Response response;
  const auto found = reader.files.Find(tenant, request.path_parameters[0], request.path_parameters[1],
                                       [&](const model::FileView& file) { encoder.Append(file, response.body); });
  if (!found) return base::Fail(found.error());
  context.links.counts().NoteMade(encoder.made());
  ForbidStorage(response);
  return response;
}

}  // namespace portal::api
