#include "store/writer.h"

#include <utility>

#include "store/notes.h"
#include "store/write_connection.h"
#include "store/write_lock.h"

namespace portal::store {
namespace {

/// Rolls back what was not committed, also when the work throws.
class OpenTransaction {
 public:
  explicit OpenTransaction(WriteConnection& connection) : connection_(connection) { connection_.Begin(); }
  ~OpenTransaction() {
    if (!committed_) connection_.RollBack();
  }
  OpenTransaction(const OpenTransaction&) = delete;
  OpenTransaction& operator=(const OpenTransaction&) = delete;
  base::Status Commit() {
    base::Status done = connection_.Commit();
    committed_ = done.has_value();
    return done;
  }

 private:
  WriteConnection& connection_;
  bool committed_ = false;
};

}  // namespace

base::Status Writer::Write(base::FunctionRef<base::Status(WriteTransaction&)> work) {
  return Write(work, [] {});
}

base::Status Writer::Write(base::FunctionRef<base::Status(WriteTransaction&)> work, base::FunctionRef<void()> after) {
  if (base::Status may = guard_.Check(); !may) return may;  // at once, and not after a wait for the lock
  base::Result<WriteLock::Held> held = lock_.Acquire(lock_wait_);
  if (!held) return base::Fail(std::move(held.error()));
  auto call = guard_.Enter();
  if (!call) return base::Fail(std::move(call).error());

  if (base::Status done = Transact(work, *call); !done) return done;
  commits_.fetch_add(1, std::memory_order_release);
  after();
  // The commit stands, whatever becomes of the checkpoint: the next one tries again.
  const base::Status checkpoint = CatchSqlite(connection_.handle(), [&]() -> base::Status {
    connection_.CheckpointIfDue();
    return {};
  });
  if (!checkpoint) logger_.Warning("checkpoint_failed", {{"reason", std::string_view(checkpoint.error().internal)}});
  return {};
}

base::Status Writer::Transact(base::FunctionRef<base::Status(WriteTransaction&)> work, resilience::Guard::Call& call) {
  bool has_worked = true;
  base::Status done = CatchSqlite(connection_.handle(), [&]() -> base::Status {
    OpenTransaction open(connection_);
    WriteTransaction transaction(connection_);
    base::Status worked = work(transaction);
    has_worked = worked.has_value();
    if (!worked) return worked;
    if (connection_.failure()) return base::Fail(*connection_.failure());
    return open.Commit();
  });
  // The work may fail for reasons of its own, the blobs' for one.
  if (has_worked) {
    resilience::Guard::Settle(call, done);
  } else if (connection_.failure()) {
    call.Settle(*connection_.failure());
  }
  return done;
}

base::Result<UpsertOutcome> WriteTransaction::UpsertContact(const base::TenantId& tenant, const model::Contact& contact,
                                                            GivenTimes given) {
  return connection_.Catch([&] { return connection_.contacts.Upsert(tenant, contact, given); });
}

base::Result<UpsertOutcome> WriteTransaction::UpsertJob(const base::TenantId& tenant, const model::Job& job,
                                                        GivenTimes given) {
  return connection_.Catch([&] { return connection_.jobs.Upsert(tenant, job, given); });
}

base::Result<UpsertOutcome> WriteTransaction::PutFile(const base::TenantId& tenant, const model::File& file) {
  return connection_.Catch([&] { return connection_.files.Put(tenant, file); });
}

base::Result<UpsertOutcome> WriteTransaction::UpsertFile(const base::TenantId& tenant, const model::File& file,
                                                         GivenTimes given) {
  return connection_.Catch([&] { return connection_.files.Upsert(tenant, file, given); });
}

base::Result<std::optional<model::Contact>> WriteTransaction::FindContact(const base::TenantId& tenant,
                                                                          const base::ContactId& id) {
  return connection_.Catch(
      [&]() -> base::Result<std::optional<model::Contact>> { return connection_.contacts.Find(tenant, id); });
}

base::Result<std::optional<model::Job>> WriteTransaction::FindJob(const base::TenantId& tenant, const base::JobId& id) {
  return connection_.Catch(
      [&]() -> base::Result<std::optional<model::Job>> { return connection_.jobs.Find(tenant, id); });
}

base::Result<std::optional<model::File>> WriteTransaction::FindFile(const base::TenantId& tenant,
                                                                    const base::JobId& job, const base::FileId& id) {
  return connection_.Catch(
      [&]() -> base::Result<std::optional<model::File>> { return connection_.files.Find(tenant, job, id); });
}

base::Status WriteTransaction::DeleteContact(const base::TenantId& tenant, const base::ContactId& id) {
  return connection_.Catch([&] {
    connection_.jobs.ForgetContact(tenant, id, connection_.Now());
    return connection_.contacts.Delete(tenant, id);
  });
}

base::Status WriteTransaction::DeleteJob(const base::TenantId& tenant, const base::JobId& id) {
  return connection_.Catch([&] {
    connection_.files.DeleteAllOf(tenant, id);
    return connection_.jobs.Delete(tenant, id);
  });
}

base::Status WriteTransaction::DeleteFile(const base::TenantId& tenant, const base::JobId& job,
                                          const base::FileId& id) {
  return connection_.Catch([&] { return connection_.files.Delete(tenant, job, id); });
}

base::Status WriteTransaction::HoldBlob(const base::TenantId& tenant, std::span<const unsigned char, 32> sha256,
                                        std::int64_t size_bytes) {
  return connection_.Catch([&] { return connection_.blobs.Hold(tenant, sha256, size_bytes); });
}

base::Result<std::optional<std::int64_t>> WriteTransaction::FindBlob(const base::TenantId& tenant,
                                                                     std::span<const unsigned char, 32> sha256) {
  return connection_.Catch(
      [&]() -> base::Result<std::optional<std::int64_t>> { return connection_.blobs.Find(tenant, sha256); });
}

base::Result<model::Tenant> WriteTransaction::CreateTenant(std::string slug, std::string name, std::string bucket) {
  return connection_.Catch(
      [&] { return connection_.tenants.Create(std::move(slug), std::move(name), std::move(bucket)); });
}

base::Status WriteTransaction::ChangeTenant(const base::TenantId& tenant, const model::TenantChange& change) {
  return connection_.Catch([&] { return connection_.tenants.Change(tenant, change); });
}

base::Status WriteTransaction::DeleteTenant(const base::TenantId& tenant) {
  return connection_.Catch([&] { return connection_.tenants.Delete(tenant); });
}

base::Status WriteTransaction::CreateClient(const model::Client& client) {
  return connection_.Catch([&] { return connection_.tenants.CreateClient(client); });
}

base::Status WriteTransaction::SetBudgets(const base::TenantId& tenant, const model::BudgetChange& change) {
  return connection_.Catch([&] { return connection_.tenants.SetBudgets(tenant, change); });
}

base::Status WriteTransaction::SetBudgets(const base::TenantId& tenant, const base::ClientId& client,
                                          const model::BudgetChange& change) {
  return connection_.Catch([&] { return connection_.tenants.SetBudgets(tenant, client, change); });
}

base::Status WriteTransaction::RevokeClient(const base::TenantId& tenant, const base::ClientId& client) {
  return connection_.Catch([&] { return connection_.tenants.RevokeClient(tenant, client); });
}

base::Status WriteTransaction::DeleteClient(const base::TenantId& tenant, const base::ClientId& client) {
  return connection_.Catch([&] { return connection_.tenants.DeleteClient(tenant, client); });
}

base::Status WriteTransaction::CreateToken(const base::TenantId& tenant, const model::Token& token,
                                           std::span<const unsigned char, 32> token_sha256) {
  return connection_.Catch([&] { return connection_.tenants.CreateToken(tenant, token, token_sha256); });
}

base::Status WriteTransaction::RevokeToken(const base::TenantId& tenant, std::string_view token_id) {
  return connection_.Catch([&] { return connection_.tenants.RevokeToken(tenant, token_id); });
}

base::Status WriteTransaction::CreateOperatorToken(const model::OperatorToken& token,
                                                   std::span<const unsigned char, 32> token_sha256) {
  return connection_.Catch([&] { return connection_.tenants.CreateOperatorToken(token, token_sha256); });
}

base::Status WriteTransaction::RevokeOperatorToken(std::string_view token_id) {
  return connection_.Catch([&] { return connection_.tenants.RevokeOperatorToken(token_id); });
}

base::Status WriteTransaction::NoteTokenUse(const base::TenantId& tenant, std::string_view token_id,
                                            base::WallTime at) {
  return connection_.Catch([&]() -> base::Status {
    connection_.tenants.NoteTokenUse(tenant, token_id, at);
    return {};
  });
}

base::Status WriteTransaction::NoteOperatorTokenUse(std::string_view token_id, base::WallTime at) {
  return connection_.Catch([&]() -> base::Status {
    connection_.tenants.NoteOperatorTokenUse(token_id, at);
    return {};
  });
}

base::Result<std::optional<FeedBatch>> WriteTransaction::FindFeedBatch(const base::TenantId& tenant,
                                                                       std::string_view key, std::int64_t number) {
  return connection_.Catch(
      [&]() -> base::Result<std::optional<FeedBatch>> { return connection_.feed_batches.Find(tenant, key, number); });
}

base::Status WriteTransaction::KeepFeedBatch(const base::TenantId& tenant, std::string_view key, std::int64_t number,
                                             const FeedBatch& batch) {
  return connection_.Catch([&]() -> base::Status {
    connection_.feed_batches.Keep(tenant, key, number, batch);
    return {};
  });
}

base::Result<std::int64_t> WriteTransaction::ForgetFeedBatches(base::WallTime time, std::int64_t enough) {
  return connection_.Catch(
      [&]() -> base::Result<std::int64_t> { return connection_.feed_batches.Forget(time, enough); });
}

base::Result<PurgedRows> WriteTransaction::PurgeRows(const PurgeStep& step) {
  return connection_.Catch([&]() -> base::Result<PurgedRows> { return connection_.purge.RemoveRows(step); });
}

base::Result<SearchMerge> WriteTransaction::MergeSearch(SearchTable table, base::WallTime until, std::int64_t pages) {
  return connection_.Catch(
      [&]() -> base::Result<SearchMerge> { return connection_.purge.MergeSearch(table, until, pages); });
}

base::Result<SearchMerge> WriteTransaction::TidySearch(SearchTable table, std::int64_t pages) {
  return connection_.Catch(
      [&]() -> base::Result<SearchMerge> { return connection_.purge.TidySearch(table, connection_.Now(), pages); });
}

base::Result<SearchState> WriteTransaction::ReadSearch(SearchTable table) {
  return connection_.Catch([&]() -> base::Result<SearchState> { return connection_.purge.ReadSearch(table); });
}

base::Result<PurgeBacklog> WriteTransaction::ReadPurgeBacklog() {
  return connection_.Catch([&]() -> base::Result<PurgeBacklog> { return connection_.purge.Backlog(); });
}

base::Result<OldestDeletion> WriteTransaction::FindOldestDeletion() {
  return connection_.Catch([&]() -> base::Result<OldestDeletion> { return connection_.purge.Oldest(); });
}

base::Result<ScrubState> WriteTransaction::ReadScrub() {
  return connection_.Catch([&]() -> base::Result<ScrubState> { return ReadScrubState(connection_.handle()); });
}

base::Result<bool> WriteTransaction::HasBlob(std::span<const unsigned char, 32> sha256) {
  return connection_.Catch([&]() -> base::Result<bool> { return connection_.purge.HasBlob(sha256); });
}

base::Result<std::optional<base::WallTime>> WriteTransaction::FindSweep() {
  return connection_.Catch([&]() -> base::Result<std::optional<base::WallTime>> {
    return ReadTimeNote(connection_.handle(), kOrphansSwept);
  });
}

base::Status WriteTransaction::KeepSweep(base::WallTime at) {
  return connection_.Catch([&]() -> base::Status {
    WriteTimeNote(connection_.handle(), kOrphansSwept, at);
    return {};
  });
}

base::Result<std::optional<std::string>> WriteTransaction::FindNote(std::string_view name) {
  return connection_.Catch(
      [&]() -> base::Result<std::optional<std::string>> { return ReadNote(connection_.handle(), name); });
}

base::Status WriteTransaction::KeepNote(std::string_view name, std::string_view value) {
  return connection_.Catch([&]() -> base::Status {
    WriteNote(connection_.handle(), name, value);
    return {};
  });
}

base::Status WriteTransaction::DropNote(std::string_view name) {
  return connection_.Catch([&]() -> base::Status {
    RemoveNote(connection_.handle(), name);
    return {};
  });
}

}  // namespace portal::store
