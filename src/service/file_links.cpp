#include "service/file_links.h"

#include <array>
#include <charconv>
#include <utility>

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

/// The canonical form but for the name, which comes last.
std::string CanonicalPrefix(const base::TenantId& tenant, std::string_view bucket, std::string_view job_id,
                            std::int64_t expires_s, std::string_view client, Disposition disposition) {
  std::string form;
  form.reserve(512);
  AppendField("1", form);
  AppendField(tenant.value(), form);
  AppendField(bucket, form);
  AppendField(job_id, form);
  AppendField(expires_s, form);
  AppendField(client, form);
  AppendField(ToText(disposition), form);
  return form;
}

}  // namespace

std::chrono::sys_seconds FileLinks::Expiry(base::WallTime now) const {
  return std::chrono::floor<std::chrono::seconds>(now) + ttl_;
}

FileLinks::Signer FileLinks::For(const base::TenantId& tenant, std::string_view bucket, std::string_view job_id,
                                 std::chrono::sys_seconds expires, std::string_view client,
                                 Disposition disposition) const {
  const std::int64_t expires_s = expires.time_since_epoch().count();
  std::string before_name = "/files/";
  before_name.append(bucket).append("/jobs/").append(job_id).append("/files/");
  std::string after_name = "?expires=";
  base::AppendDecimal(expires_s, after_name);
  after_name.append("&client=").append(client);
  if (disposition != Disposition::kUnspecified) after_name.append("&disposition=").append(ToText(disposition));
  after_name += "&signature=";
  const std::string prefix = CanonicalPrefix(tenant, bucket, job_id, expires_s, client, disposition);
  return {keys_.Current()->signing_key().After(prefix), std::move(before_name), std::move(after_name)};
}

void FileLinks::Signer::Append(std::string_view name, std::string& out) const {
  // The name's field needs a buffer for a moment: the end of `out` is one that has grown before.
  const std::size_t start = out.size();
  AppendField(name, out);
  const crypto::Mac mac = key_.Sign(std::string_view(out).substr(start));
  out.resize(start);

  out += before_name_;
  http::AppendPercentEncoded(name, out);
  out += after_name_;
  base::AppendHex(mac, out);
}

base::Result<FileLink> FileLinks::Parse(std::string_view target) { return ParseFileLink(target); }

base::Status FileLinks::Check(const base::TenantId& tenant, const FileLink& link, base::WallTime now) const {
  std::string canonical =
      CanonicalPrefix(tenant, link.bucket, link.job_id.value(), link.expires_s, link.client.value(), link.disposition);
  AppendField(link.name, canonical);
  const auto verify = [&](const crypto::KeyRing& keys) { return keys.Verify(canonical, link.signature, now); };
  if (!keys_.Accept(verify)) {
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
