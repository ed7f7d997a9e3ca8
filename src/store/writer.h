#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/function_ref.h"
#include "base/ids.h"
#include "base/logger.h"
#include "base/result.h"
#include "model/contact.h"
#include "model/file.h"
#include "model/job.h"
#include "model/tenant.h"
#include "resilience/guard.h"
#include "store/feed_batch.h"
#include "store/purge.h"

namespace portal::store {

class WriteConnection;
class WriteLock;

enum class UpsertOutcome { kInserted, kUpdated, kUnchanged };

/// Which times of a row its feed gave. One that it did not give is the caller's own time and counts for a
/// row that is new or otherwise changes: `created_at` is then kept from the existing row, and `updated_at`
/// alone is no change.
struct GivenTimes {
  bool created = true;
  bool updated = true;
};

/// The changes of one transaction. Counters, search rows and tenant revisions are kept with them: each
/// touched tenant's row is written once, at the commit. Obtained from Writer; not thread-safe.
/// Any call may also fail with kStorageFull or kUnavailable; the transaction is then lost, whatever `work`
/// returns. What is written for a tenant that is deleted fails at the commit: kNotFound ("Tenant not found").
class WriteTransaction {
 public:
  explicit WriteTransaction(WriteConnection& connection) : connection_(connection) {}
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;

  /// Inserts the row or replaces all of its fields. kValidation names field and value.
  base::Result<UpsertOutcome> UpsertContact(const base::TenantId& tenant, const model::Contact& contact,
                                            GivenTimes given = {});
  /// As UpsertContact; kValidation also when `contact_id` names no contact of this tenant.
  base::Result<UpsertOutcome> UpsertJob(const base::TenantId& tenant, const model::Job& job, GivenTimes given = {});
  /// Replaces the row of the same job and name (keeping its id), else inserts. The same bytes again
  /// are no change, whatever `created_at` says. kNotFound
  /// ("Job not found"); kConflict when the job has a file of that id under another name; kValidation.
  /// REQUIRES: the blob is in the blob store. kStorageFull: it would be more than the tenant's quota.
  base::Result<UpsertOutcome> PutFile(const base::TenantId& tenant, const model::File& file);
  /// Inserts the row or replaces the one of the same job and id. kNotFound ("Job not found"); kConflict when another
  /// file of the job has that name; kValidation; kStorageFull and REQUIRES as PutFile.
  base::Result<UpsertOutcome> UpsertFile(const base::TenantId& tenant, const model::File& file, GivenTimes given = {});

  // What this transaction sees: for changes that depend on what is there. nullopt: there is none.
  base::Result<std::optional<model::Contact>> FindContact(const base::TenantId& tenant, const base::ContactId& id);
  base::Result<std::optional<model::Job>> FindJob(const base::TenantId& tenant, const base::JobId& id);
  base::Result<std::optional<model::File>> FindFile(const base::TenantId& tenant, const base::JobId& job,
                                                    const base::FileId& id);

  /// Its jobs stay, without a contact, and count as updated. kNotFound.
  base::Status DeleteContact(const base::TenantId& tenant, const base::ContactId& id);
  /// With its files. kNotFound.
  base::Status DeleteJob(const base::TenantId& tenant, const base::JobId& id);
  /// kNotFound.
  base::Status DeleteFile(const base::TenantId& tenant, const base::JobId& job, const base::FileId& id);

  /// Notes that the tenant has uploaded a blob, which it may now name in its files; without one it is kept as long as
  /// a deleted one. kStorageFull: it would be more than the tenant's quota.
  base::Status HoldBlob(const base::TenantId& tenant, std::span<const unsigned char, 32> sha256,
                        std::int64_t size_bytes);
  /// The blob's size; nullopt where the tenant has no such blob, whoever else has it.
  base::Result<std::optional<std::int64_t>> FindBlob(const base::TenantId& tenant,
                                                     std::span<const unsigned char, 32> sha256);

  /// kConflict when slug or bucket is taken; kValidation for a slug, name or bucket that is none.
  base::Result<model::Tenant> CreateTenant(std::string slug, std::string name, std::string bucket);
  /// kNotFound; kValidation for a name or quota that is none.
  base::Status ChangeTenant(const base::TenantId& tenant, const model::TenantChange& change);
  /// Of all of a tenant's clients together. kNotFound; kValidation for a budget that is none.
  base::Status SetBudgets(const base::TenantId& tenant, const model::BudgetChange& change);
  /// Gone for everybody at once, with its clients and tokens; its short name and bucket are free again. Its rows and
  /// blobs follow with the purge. kNotFound.
  base::Status DeleteTenant(const base::TenantId& tenant);
  /// kConflict when the id is taken, by whichever tenant; kNotFound when the tenant does not exist;
  /// kValidation for an id or a name that is none.
  base::Status CreateClient(const model::Client& client);
  /// kNotFound when the tenant has no such client. Its tokens and signed URLs end with it.
  base::Status RevokeClient(const base::TenantId& tenant, const base::ClientId& client);
  /// Of one client. kNotFound when the tenant has no such client; kValidation for a budget that is none.
  base::Status SetBudgets(const base::TenantId& tenant, const base::ClientId& client,
                          const model::BudgetChange& change);
  /// As RevokeClient, and nothing of it is left.
  base::Status DeleteClient(const base::TenantId& tenant, const base::ClientId& client);
  /// kNotFound when the tenant has no such client; kConflict when it is revoked, or id or hash are taken; kValidation
  /// for a label or scopes that are none.
  base::Status CreateToken(const base::TenantId& tenant, const model::Token& token,
                           std::span<const unsigned char, 32> token_sha256);
  /// kNotFound when the tenant has no such token. Revoking twice keeps the first time.
  base::Status RevokeToken(const base::TenantId& tenant, std::string_view token_id);
  /// kConflict when id or hash are taken; kValidation for a label or scopes that are none.
  base::Status CreateOperatorToken(const model::OperatorToken& token, std::span<const unsigned char, 32> token_sha256);
  /// kNotFound. Revoking twice keeps the first time.
  base::Status RevokeOperatorToken(std::string_view token_id);
  /// Of a client's token. Moves no tenant's revision: nothing that a client can read has changed. A token that is gone
  /// is none the less a success.
  base::Status NoteTokenUse(const base::TenantId& tenant, std::string_view token_id, base::WallTime at);
  /// The same of an operator's.
  base::Status NoteOperatorTokenUse(std::string_view token_id, base::WallTime at);

  /// What was kept of a batch of the bulk request with that Idempotency-Key; nullopt: it has not been committed.
  base::Result<std::optional<FeedBatch>> FindFeedBatch(const base::TenantId& tenant, std::string_view key,
                                                       std::int64_t number);
  /// Moves no tenant's revision. REQUIRES: FindFeedBatch found nothing.
  base::Status KeepFeedBatch(const base::TenantId& tenant, std::string_view key, std::int64_t number,
                             const FeedBatch& batch);
  /// Lets go of keys whose newest batch is from before `time`, each as a whole, until `enough` batches are gone.
  /// Returns how many there were.
  base::Result<std::int64_t> ForgetFeedBatches(base::WallTime time, std::int64_t enough);

  // For the purge. None of it moves a tenant's revision.
  /// Removes rows of deleted tenants and blobs that no file has named since `step.until`, at most `step.most`.
  base::Result<PurgedRows> PurgeRows(const PurgeStep& step);
  /// Merges about so many pages of a search table, where words of rows that were deleted by `until` may be left in it.
  base::Result<SearchMerge> MergeSearch(SearchTable table, base::WallTime until, std::int64_t pages);
  /// Begins a merge of all segments of a search table into one, or goes on with it, by about so many pages.
  base::Result<SearchMerge> TidySearch(SearchTable table, std::int64_t pages);
  base::Result<SearchState> ReadSearch(SearchTable table);
  base::Result<PurgeBacklog> ReadPurgeBacklog();
  base::Result<OldestDeletion> FindOldestDeletion();
  base::Result<ScrubState> ReadScrub();
  /// Does any tenant have that blob?
  base::Result<bool> HasBlob(std::span<const unsigned char, 32> sha256);
  /// When all blobs were last looked at for such that nobody has; nullopt: never.
  base::Result<std::optional<base::WallTime>> FindSweep();
  base::Status KeepSweep(base::WallTime at);
  /// What the store remembers of itself under a name of store/notes.h.
  base::Result<std::optional<std::string>> FindNote(std::string_view name);
  base::Status KeepNote(std::string_view name, std::string_view value);
  base::Status DropNote(std::string_view name);

 private:
  WriteConnection& connection_;
};

/// The process's one write connection. Thread-safe: callers take turns, and other processes theirs.
class Writer {
 public:
  Writer(WriteConnection& connection, WriteLock& lock, std::chrono::milliseconds lock_wait, resilience::Guard guard,
         base::Logger& logger)
      : connection_(connection), lock_(lock), lock_wait_(lock_wait), guard_(guard), logger_(logger) {}

  /// Runs `work` in one transaction: committed (durable as Database::Options says) when it returns
  /// success, rolled back when it fails or throws. kStorageFull, kUnavailable, kCircuitOpen, kNotFound ("Tenant not
  /// found": it is deleted), or `work`'s own error.
  /// REQUIRES: `work` does not call Write.
  base::Status Write(base::FunctionRef<base::Status(WriteTransaction&)> work);
  /// The same, and runs `after` once the commit stands, before anybody else gets the write lock.
  base::Status Write(base::FunctionRef<base::Status(WriteTransaction&)> work, base::FunctionRef<void()> after);

  /// How often it has committed. Moves before `Write` returns, so that what is asked for after an acknowledged change
  /// can be known to be new.
  std::uint64_t commits() const { return commits_.load(std::memory_order_acquire); }

 private:
  base::Status Transact(base::FunctionRef<base::Status(WriteTransaction&)> work, resilience::Guard::Call& call);

  WriteConnection& connection_;
  WriteLock& lock_;
  const std::chrono::milliseconds lock_wait_;
  const resilience::Guard guard_;
  base::Logger& logger_;
  std::atomic<std::uint64_t> commits_{0};
};

}  // namespace portal::store
