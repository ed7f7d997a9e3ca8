#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "crypto/hmac.h"
#include "http/request.h"
#include "service/file_link.h"
#include "service/link_counts.h"
#include "service/signing_keys.h"

namespace portal::service {

/// Makes and checks `/files/{bucket}/jobs/{jobId}/files/{name}?expires=…&client=…[&disposition=…]&signature=…`
/// (contract, "Signed URLs"). Pure but for the keys. Thread-safe.
///
/// The signature is HMAC-SHA-256 over the canonical form: version (`1`), tenant, bucket, job, expires, client,
/// disposition (empty when unspecified) and name (decoded), numbers in decimal, each field preceded by its
/// length in bytes as four bytes, big end first, so that no two links share a canonical form. The name is last
/// because the links of a page differ in nothing else: what comes before it is hashed once a page.
class FileLinks {
 public:
  FileLinks(SigningKeys& keys, std::chrono::seconds ttl) : keys_(keys), ttl_(ttl) {}

  /// floor(now) + ttl: the one instant in `expires` and `expires_at`.
  std::chrono::sys_seconds Expiry(base::WallTime now) const;

  /// Signs the links of one job's files for one client, which all expire together. Thread-safe.
  class Signer {
   public:
    /// Appends the signed target (path and query) to `out`. Written for the hot path, twenty a page: less than a
    /// microsecond, and no allocation but `out`'s growth. REQUIRES: a name as model::File has it.
    void Append(std::string_view name, std::string& out) const;

   private:
    friend class FileLinks;
    Signer(crypto::HmacKey key, std::string before_name, std::string after_name)
        : key_(key), before_name_(std::move(before_name)), after_name_(std::move(after_name)) {}

    crypto::HmacKey key_;
    std::string before_name_;
    std::string after_name_;
  };

  /// REQUIRES: bucket, job and client of `[A-Za-z0-9._-]` alone.
  Signer For(const base::TenantId& tenant, std::string_view bucket, std::string_view job_id,
             std::chrono::sys_seconds expires, std::string_view client, http::FileGrant::Disposition disposition) const;

  /// Reads the raw target strictly: exactly the parameters in the order in which they are made, no
  /// duplicate, no other escape than the signer would write. kBadRequest says what is wrong.
  static base::Result<FileLink> Parse(std::string_view target);

  /// kSignatureInvalid, then kSignatureExpired (from the instant `expires` on); also kSignatureInvalid when
  /// `expires` is further ahead than the lifetime allows.
  base::Status Check(const base::TenantId& tenant, const FileLink& link, base::WallTime now) const;

  /// What became of links: told by those who make, check and serve them.
  LinkCounts& counts() const { return counts_; }

 private:
  SigningKeys& keys_;
  const std::chrono::seconds ttl_;
  mutable LinkCounts counts_;
};

}  // namespace portal::service
