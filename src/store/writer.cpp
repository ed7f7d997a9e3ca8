#include "store/writer.h"

#include <utility>

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
  void Commit() {
    connection_.Commit();
    committed_ = true;
  }

 private:
  WriteConnection& connection_;
  bool committed_ = false;
};

}  // namespace

base::Status Writer::Write(base::FunctionRef<base::Status(WriteTransaction&)> work) {
  base::Result<WriteLock::Held> held = lock_.Acquire(lock_wait_);
  if (!held) return base::Fail(std::move(held.error()));

  if (base::Status done = Transact(work); !done) return done;
  // The commit stands, whatever becomes of the checkpoint: the next one tries again.
  const base::Status checkpoint = CatchSqlite(connection_.handle(), [&]() -> base::Status {
    connection_.CheckpointIfDue();
    return {};
  });
  if (!checkpoint) logger_.Warning("checkpoint_failed", {{"reason", std::string_view(checkpoint.error().internal)}});
  return {};
}

base::Status Writer::Transact(base::FunctionRef<base::Status(WriteTransaction&)> work) {
  return CatchSqlite(connection_.handle(), [&]() -> base::Status {
    OpenTransaction open(connection_);
    WriteTransaction transaction(connection_);
    if (base::Status done = work(transaction); !done) return done;
    if (connection_.failure()) return base::Fail(*connection_.failure());
    open.Commit();
    return {};
  });
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

base::Result<model::Tenant> WriteTransaction::CreateTenant(std::string slug, std::string name, std::string bucket) {
  return connection_.Catch(
      [&] { return connection_.tenants.Create(std::move(slug), std::move(name), std::move(bucket)); });
}

base::Status WriteTransaction::SetTenantSuspended(const base::TenantId& tenant, bool suspended) {
  return connection_.Catch([&] { return connection_.tenants.SetSuspended(tenant, suspended); });
}

base::Status WriteTransaction::CreateClient(const model::Client& client) {
  return connection_.Catch([&] { return connection_.tenants.CreateClient(client); });
}

base::Status WriteTransaction::RevokeClient(const base::TenantId& tenant, const base::ClientId& client) {
  return connection_.Catch([&] { return connection_.tenants.RevokeClient(tenant, client); });
}

base::Status WriteTransaction::CreateToken(const base::TenantId& tenant, const model::Token& token,
                                           std::span<const unsigned char, 32> token_sha256) {
  return connection_.Catch([&] { return connection_.tenants.CreateToken(tenant, token, token_sha256); });
}

base::Status WriteTransaction::RevokeToken(const base::TenantId& tenant, std::string_view token_id) {
  return connection_.Catch([&] { return connection_.tenants.RevokeToken(tenant, token_id); });
}

}  // namespace portal::store
