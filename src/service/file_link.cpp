#include "service/file_link.h"

#include <charconv>
#include <optional>

#include "base/hex.h"
#include "http/percent.h"
#include "model/file.h"
#include "model/tenant.h"

namespace portal::service {
namespace {

using Disposition = http::FileGrant::Disposition;

constexpr std::size_t kMaxIdBytes = 64;
constexpr std::size_t kMaxExpiresDigits = 12;

/// Consumes a target from left to right; every step says whether the expected thing was there.
class Scanner {
 public:
  explicit Scanner(std::string_view rest) : rest_(rest) {}

  bool Skip(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }
  /// Everything before `end`, which is consumed too. False when there is no `end`.
  bool Until(char end, std::string_view& out) {
    const std::size_t at = rest_.find(end);
    if (at == std::string_view::npos) return false;
    out = rest_.substr(0, at);
    rest_.remove_prefix(at + 1);
    return true;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

auto Malformed(std::string_view what) {
  return base::Fail(base::ErrorCode::kBadRequest, "Malformed signed URL: " + std::string(what));
}

/// The alphabet of jobs and clients: what needs no escape, so that each has one spelling.
bool IsPlainId(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !text.empty() && text.size() <= kMaxIdBytes && text != "." && text != ".." &&
         text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

/// Decodes only what the signer would have written in exactly this way: no lower-case digits, no escape
/// that need not be. So no two targets mean the same link.
std::optional<std::string> DecodeExactly(std::string_view encoded) {
  auto text = http::DecodePercent(encoded);
  if (!text) return std::nullopt;
  std::string again;
  again.reserve(encoded.size());
  http::AppendPercentEncoded(*text, again);
  if (again != encoded) return std::nullopt;
  return text;
}

bool ParseExpires(std::string_view text, std::int64_t& out) {
  if (text.empty() || text.size() > kMaxExpiresDigits || (text.size() > 1 && text[0] == '0') || text[0] == '-') {
    return false;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

base::Status ParsePath(Scanner& scanner, FileLink& link) {
  std::string_view bucket, job, name;
  if (!scanner.Skip("/files/") || !scanner.Until('/', bucket) || !scanner.Skip("jobs/") || !scanner.Until('/', job) ||
      !scanner.Skip("files/") || !scanner.Until('?', name)) {
    return Malformed("it is not of the form /files/{bucket}/jobs/{jobId}/files/{name}?…");
  }
  if (!model::IsBucketName(bucket)) return Malformed("bad bucket");
  if (!IsPlainId(job)) return Malformed("bad job id");
  auto decoded = DecodeExactly(name);
  if (!decoded) return Malformed("the file name is not percent-encoded as it was signed");
  if (!model::IsFileName(*decoded)) return Malformed("bad file name");
  link.bucket = bucket;
  link.job_id = base::JobId(std::string(job));
  link.name = std::move(*decoded);
  return {};
}

base::Status ParseQuery(Scanner& scanner, FileLink& link) {
  std::string_view expires, client;
  if (!scanner.Skip("expires=") || !scanner.Until('&', expires) || !scanner.Skip("client=") ||
      !scanner.Until('&', client)) {
    return Malformed("the parameters are expires, client, disposition if any, and signature, in this order");
  }
  if (!ParseExpires(expires, link.expires_s)) return Malformed("expires is not a time in unix seconds");
  if (!IsPlainId(client)) return Malformed("bad client");
  link.client = base::ClientId(std::string(client));
  if (scanner.Skip("disposition=")) {
    std::string_view disposition;
    if (!scanner.Until('&', disposition)) return Malformed("signature is missing");
    if (disposition == ToText(Disposition::kAttachment)) {
      link.disposition = Disposition::kAttachment;
    } else if (disposition == ToText(Disposition::kInline)) {
      link.disposition = Disposition::kInline;
    } else {
      return Malformed("disposition is neither attachment nor inline");
    }
  }
  if (!scanner.Skip("signature=")) return Malformed("signature is missing or not where it belongs");
  if (!base::FromHex(scanner.rest(), link.signature)) {
    return Malformed("signature is not the last parameter with 64 lower-case hexadecimal digits");
  }
  return {};
}

}  // namespace

std::string_view ToText(Disposition disposition) {
  switch (disposition) {
    case Disposition::kUnspecified:
      return "";
    case Disposition::kAttachment:
      return "attachment";
    case Disposition::kInline:
      return "inline";
  }
  return "";
}

base::Result<FileLink> ParseFileLink(std::string_view target) {
  Scanner scanner(target);
  FileLink link;
  if (auto status = ParsePath(scanner, link); !status) return base::Fail(std::move(status).error());
  if (auto status = ParseQuery(scanner, link); !status) return base::Fail(std::move(status).error());
  return link;
}

}  // namespace portal::service
