#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>

#include "base/function_ref.h"
#include "base/ids.h"
#include "base/result.h"
#include "model/contact.h"
#include "model/file.h"
#include "model/job.h"
#include "model/tenant.h"

namespace portal::store {

enum class UpsertOutcome { kInserted, kUpdated, kUnchanged };

/// The changes of one transaction. Counters, search rows and tenant revisions are kept with them: each
/// touched tenant's row is written once, at the commit. Obtained from Writer; not thread-safe.
class WriteTransaction {
 public:
  virtual ~WriteTransaction() = default;

  virtual base::Result<UpsertOutcome> UpsertContact(const base::TenantId& tenant, const model::Contact& contact) = 0;
  /// kValidation when `contact_id` names no contact of this tenant.
  virtual base::Result<UpsertOutcome> UpsertJob(const base::TenantId& tenant, const model::Job& job) = 0;
  /// Replaces the row of the same job and name (keeping its id), else inserts. kNotFound ("Job not found").
  virtual base::Result<UpsertOutcome> PutFile(const base::TenantId& tenant, const model::File& file) = 0;

  /// kConflict when slug or bucket is taken.
  virtual base::Result<model::Tenant> CreateTenant(std::string slug, std::string name, std::string bucket) = 0;
  virtual base::Status SetTenantSuspended(const base::TenantId& tenant, bool suspended) = 0;
  /// kConflict when the id is taken, by whichever tenant.
  virtual base::Status CreateClient(const model::Client& client) = 0;
  /// kNotFound when the tenant has no such client. Its tokens and signed URLs end with it.
  virtual base::Status RevokeClient(const base::TenantId& tenant, const base::ClientId& client) = 0;
  /// kNotFound when the tenant has no such client.
  virtual base::Status CreateToken(const base::TenantId& tenant, const model::Token& token,
                                   std::span<const unsigned char, 32> token_sha256) = 0;
  virtual base::Status RevokeToken(const base::TenantId& tenant, std::string_view token_id) = 0;
};

/// The process's one write connection. Thread-safe: callers take turns, and other processes theirs.
class Writer {
 public:
  virtual ~Writer() = default;

  /// Runs `work` in one transaction: committed (durable as Database::Options says) when it returns
  /// success, rolled back when it fails or throws. kStorageFull, kUnavailable, or `work`'s own error.
  virtual base::Status Write(base::FunctionRef<base::Status(WriteTransaction&)> work) = 0;
};

}  // namespace portal::store
