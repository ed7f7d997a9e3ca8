#include "service/file_links.h"

#include <array>
#include <charconv>

#include "base/hex.h"
#include "base/json_text.h"
#include "http/percent.h"

namespace portal::service {
namespace {

using base::ErrorCode;
using Disposition = http::FileGrant::Disposition;

void AppendField(std::string_view field, std::string& out) {
  const auto size = static_cast<std::uint32_t>(field.size());
  const std::array<char, 4> length = {static_cast<char>(size >> 24), static_cast<char>(size >> 16),
                                      static_cast<char>(size >> 8), static_cast<char>(size)};
  out.append(length.data(), length.size());
  out += field;
}

void AppendField(std::int64_t number, std::string& out) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  AppendField(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())), out);
}

void AppendCanonicalForm(const base::TenantId& tenant, std::string_view bucket, std::string_view job_id,
                         std::string_view name, std::int64_t expires_s, std::string_view client,
                         Disposition disposition, std::string& out) {
  AppendField("1", out);
  AppendField(tenant.value(), out);
  AppendField(bucket, out);
  AppendField(job_id, out);
  AppendField(name, out);
  AppendField(expires_s, out);
  AppendField(client, out);
  AppendField(ToText(disposition), out);
}

}  // namespace

std::chrono::sys_seconds FileLinks::Expiry(base::WallTime now) const {
  return std::chrono::floor<std::chrono::seconds>(now) + ttl_;
}

void FileLinks::AppendSigned(const base::TenantId& tenant, std::string_view bucket, std::string_view job_id,
                             std::string_view name, std::chrono::sys_seconds expires, std::string_view client,
                             Disposition disposition, std::string& out) const {
  const std::int64_t expires_s = expires.time_since_epoch().count();
  // The canonical form needs a buffer for a moment: the end of `out` is one that has grown before.
  const std::size_t start = out.size();
  AppendCanonicalForm(tenant, bucket, job_id, name, expires_s, client, disposition, out);
  const crypto::Mac mac = keys_.Sign(std::string_view(out).substr(start));
  out.resize(start);

  out.append("/files/").append(bucket).append("/jobs/").append(job_id).append("/files/");
  http::AppendPercentEncoded(name, out);
  out += "?expires=";
  base::AppendDecimal(expires_s, out);
  out.append("&client=").append(client);
  if (disposition != Disposition::kUnspecified) out.append("&disposition=").append(ToText(disposition));
  out += "&signature=";
  base::AppendHex(mac, out);
}

base::Result<FileLink> FileLinks::Parse(std::string_view target) { return ParseFileLink(target); }

base::Status FileLinks::Check(const base::TenantId& tenant, const FileLink& link, base::WallTime now) const {
  std::string canonical;
  canonical.reserve(512);
  AppendCanonicalForm(tenant, link.bucket, link.job_id.value(), link.name, link.expires_s, link.client.value(),
                      link.disposition, canonical);
  if (!keys_.Verify(canonical, link.signature, now)) {
    return base::Fail(ErrorCode::kSignatureInvalid, "The URL's signature does not match");
  }
  const std::chrono::sys_seconds expires{std::chrono::seconds{link.expires_s}};
  if (expires > Expiry(now)) {
    return base::Fail(ErrorCode::kSignatureInvalid, "The URL's expiry is further ahead than a URL may live");
  }
  if (now >= expires) return base::Fail(ErrorCode::kSignatureExpired, "The URL has expired; ask for the file again");
  return {};
}

}  // namespace portal::service
