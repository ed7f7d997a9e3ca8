#include "store/contact_writer.h"

#include <sqlite3.h>

#include <cassert>

#include "store/column_values.h"

namespace portal::store {
namespace {

// Insert first: an import of new rows then pays for one look at the unique index, not two.
constexpr const char* kInsert =
    "INSERT INTO contacts (tenant_id, id, name, email, phone, company, address, created_at, updated_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (tenant_id, id) DO NOTHING";
constexpr const char* kFind =
    "SELECT row_id, name, email, phone, company, address, created_at, updated_at FROM contacts "
    "WHERE tenant_id = ?1 AND id = ?2";
constexpr const char* kUpdate =
    "UPDATE contacts SET name = ?2, email = ?3, phone = ?4, company = ?5, address = ?6, created_at = ?7, "
    "updated_at = ?8 WHERE row_id = ?1";
constexpr const char* kDelete = "DELETE FROM contacts WHERE row_id = ?1";

std::optional<std::string> ToOptionalString(std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  return std::string(*text);
}

template <typename Text>
void DescribeWords(SearchWords& words, const base::TenantId& tenant, std::string_view name, const Text& company,
                   const Text& email, std::string& out) {
  out.clear();
  words.AppendContact(tenant, name, company, email, out);
}

}  // namespace

ContactWriter::ContactWriter(sqlite3* db, Ledger& ledger, SearchWords& words, const base::Clock& clock)
    : db_(db),
      ledger_(ledger),
      words_(words),
      search_(db, SearchIndex::kContacts, clock),
      insert_(kInsert),
      find_(kFind),
      update_(kUpdate),
      delete_(kDelete) {}

base::Result<UpsertOutcome> ContactWriter::Upsert(const base::TenantId& tenant, const model::Contact& contact,
                                                  GivenTimes given) {
  const std::optional<UuidBytes> id = ParseUuid(contact.id.value());
  if (!id) {
    return base::Fail(base::ErrorCode::kValidation, "id: \"" + contact.id.value() + "\" is not a lower-case UUID");
  }
  if (Insert(tenant, *id, contact)) return UpsertOutcome::kInserted;
  return Update(tenant, *id, contact, given);
}

bool ContactWriter::Insert(const base::TenantId& tenant, const UuidBytes& id, const model::Contact& contact) {
  {
    const Run run(insert_.On(db_));
    run->Bind(1, tenant.value());
    run->Bind(2, std::span<const unsigned char>(id));
    run->Bind(3, std::string_view(contact.name));
    run->Bind(4, contact.email);
    run->Bind(5, contact.phone);
    run->Bind(6, contact.company);
    run->Bind(7, contact.address);
    run->Bind(8, ToMs(contact.created_at));
    run->Bind(9, ToMs(contact.updated_at));
    run.Execute();
  }
  if (sqlite3_changes(db_) == 0) return false;
  const std::int64_t row_id = sqlite3_last_insert_rowid(db_);
  DescribeWords(words_, tenant, contact.name, contact.company, contact.email, new_words_);
  search_.Add(row_id, new_words_);
  ledger_.AddContact(tenant);
  return true;
}

UpsertOutcome ContactWriter::Update(const base::TenantId& tenant, const UuidBytes& id, const model::Contact& contact,
                                    GivenTimes given) {
  std::int64_t row_id = 0;
  std::int64_t created_ms = ToMs(contact.created_at);
  {
    const Run old(find_.On(db_));
    old->Bind(1, tenant.value());
    old->Bind(2, std::span<const unsigned char>(id));
    const bool found = old->Step();
    assert(found);
    static_cast<void>(found);
    row_id = old->Int(0);
    if (!given.created) created_ms = old->Int(6);
    const bool same = old->Text(1) == contact.name && old->OptionalText(2) == contact.email &&
                      old->OptionalText(3) == contact.phone && old->OptionalText(4) == contact.company &&
                      old->OptionalText(5) == contact.address && old->Int(6) == created_ms &&
                      (!given.updated || old->Int(7) == ToMs(contact.updated_at));
    if (same) return UpsertOutcome::kUnchanged;
    DescribeWords(words_, tenant, old->Text(1), old->OptionalText(4), old->OptionalText(2), old_words_);
  }
  {
    const Run run(update_.On(db_));
    run->Bind(1, row_id);
    run->Bind(2, std::string_view(contact.name));
    run->Bind(3, contact.email);
    run->Bind(4, contact.phone);
    run->Bind(5, contact.company);
    run->Bind(6, contact.address);
    run->Bind(7, created_ms);
    run->Bind(8, ToMs(contact.updated_at));
    run.Execute();
  }
  DescribeWords(words_, tenant, contact.name, contact.company, contact.email, new_words_);
  search_.Replace(row_id, old_words_, new_words_);
  ledger_.Touch(tenant);
  return UpsertOutcome::kUpdated;
}

std::optional<model::Contact> ContactWriter::Find(const base::TenantId& tenant, const base::ContactId& id) {
  const std::optional<UuidBytes> bytes = ParseUuid(id.value());
  if (!bytes) return std::nullopt;
  const Run row(find_.On(db_));
  row->Bind(1, tenant.value());
  row->Bind(2, std::span<const unsigned char>(*bytes));
  if (!row->Step()) return std::nullopt;
  return model::Contact{.id = id,
                        .name = std::string(row->Text(1)),
                        .email = ToOptionalString(row->OptionalText(2)),
                        .phone = ToOptionalString(row->OptionalText(3)),
                        .company = ToOptionalString(row->OptionalText(4)),
                        .address = ToOptionalString(row->OptionalText(5)),
                        .created_at = ToTime(row->Int(6)),
                        .updated_at = ToTime(row->Int(7))};
}

base::Status ContactWriter::Delete(const base::TenantId& tenant, const base::ContactId& id) {
  const std::optional<UuidBytes> bytes = ParseUuid(id.value());
  std::int64_t row_id = 0;
  {
    const Run old(find_.On(db_));
    old->Bind(1, tenant.value());
    if (bytes) old->Bind(2, std::span<const unsigned char>(*bytes));
    if (!bytes || !old->Step()) return base::Fail(base::ErrorCode::kNotFound, "Contact not found");
    row_id = old->Int(0);
    DescribeWords(words_, tenant, old->Text(1), old->OptionalText(4), old->OptionalText(2), old_words_);
  }
  const Run run(delete_.On(db_));
  run->Bind(1, row_id);
  run.Execute();
  search_.Remove(row_id, old_words_);
  ledger_.RemoveContact(tenant);
  return {};
}

}  // namespace portal::store
