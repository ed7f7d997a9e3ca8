#include "service/rows/row_editor.h"

#include <array>
#include <utility>

#include "base/hex.h"
#include "crypto/hash.h"
#include "service/rows/merge_patch.h"
#include "service/rows/row_encode.h"
#include "service/rows/row_json.h"
#include "store/reader.h"
#include "store/writer.h"

namespace portal::service {
namespace {

base::Status ReadInto(store::Reader& reader, const base::TenantId& tenant, const base::ContactId& id,
                      std::string& json) {
  return reader.contacts.Find(tenant, id.value(), [&](const model::ContactView& row) { AppendContact(row, json); });
}
base::Status ReadInto(store::Reader& reader, const base::TenantId& tenant, const base::JobId& id, std::string& json) {
  return reader.jobs.Find(tenant, id.value(), [&](const model::JobView& row) { AppendJob(row, json); });
}
base::Status ReadInto(store::Reader& reader, const base::TenantId& tenant, const FileKey& key, std::string& json) {
  return reader.files.Find(tenant, key.job.value(), key.id.value(),
                           [&](const model::FileView& row) { AppendFile(row, json); });
}

/// Rows of different kinds, tenants and jobs have different tags, whatever they say.
template <typename Rows>
std::string EntityTag(std::string_view epoch, const base::TenantId& tenant, const typename Rows::Key& key,
                      std::string_view json) {
  const std::string number = std::to_string(tenant.value());
  const std::array<std::string_view, 5> parts = {epoch, Rows::kName, number, Rows::KeyCells(key).front().second, json};
  std::string etag = "\"";
  base::AppendHex(crypto::Fingerprint(parts), etag);
  etag += '"';
  return etag;
}

template <typename Rows>
base::Status NotFound() {
  return base::Fail(base::ErrorCode::kNotFound, std::string(Rows::kName) + " not found");
}

}  // namespace

template <typename Rows>
RowDocument RowEditor<Rows>::Describe(const typename Rows::Model& row) const {
  RowDocument document;
  Rows::AppendJson(row, document.json);
  document.etag = EntityTag<Rows>(database_.epoch(), tenant_, Rows::KeyOf(row), document.json);
  return document;
}

template <typename Rows>
base::Status RowEditor<Rows>::Check(const std::optional<typename Rows::Model>& row, MayChange may_change) const {
  std::optional<std::string> etag;
  if (row) etag = Describe(*row).etag;
  return may_change(etag);
}

template <typename Rows>
base::Result<RowDocument> RowEditor<Rows>::Write(store::WriteTransaction& transaction, typename Rows::Model& row,
                                                 store::GivenTimes given) const {
  Rows::FillTimes(clock_.Wall(), given, row);
  const auto outcome = Rows::Upsert(transaction, tenant_, row, given);
  if (!outcome) return base::Fail(NameField<Rows>(outcome.error()));
  const auto written = Rows::Find(transaction, tenant_, Rows::KeyOf(row));
  if (!written) return base::Fail(written.error());
  RowDocument document = Describe(**written);
  document.created = *outcome == store::UpsertOutcome::kInserted;
  return document;
}

template <typename Rows>
base::Result<RowDocument> RowEditor<Rows>::Get(base::WorkerId worker, const Key& key) const {
  store::Reader& reader = database_.reader(worker);
  const auto snapshot = reader.Begin(false);
  if (!snapshot) return base::Fail(snapshot.error());
  RowDocument document;
  if (auto found = ReadInto(reader, tenant_, key, document.json); !found) return base::Fail(std::move(found).error());
  document.etag = EntityTag<Rows>(database_.epoch(), tenant_, key, document.json);
  return document;
}

template <typename Rows>
base::Result<RowDocument> RowEditor<Rows>::Put(const Key& key, std::string_view json, MayChange may_change) const {
  auto draft = ReadRowJson<Rows>(json, key);
  if (!draft) return base::Fail(std::move(draft).error());
  RowDocument document;
  const auto written = database_.writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
    const auto old = Rows::Find(transaction, tenant_, key);
    if (!old) return base::Fail(old.error());
    if (auto allowed = Check(*old, may_change); !allowed) return allowed;
    auto result = Write(transaction, draft->row, draft->given);
    if (!result) return base::Fail(std::move(result).error());
    document = *std::move(result);
    return {};
  });
  if (!written) return base::Fail(written.error());
  return document;
}

template <typename Rows>
base::Result<RowDocument> RowEditor<Rows>::Patch(const Key& key, std::string_view patch, MayChange may_change) const {
  if (auto good = CheckRowPatch<Rows>(patch); !good) return base::Fail(std::move(good).error());
  RowDocument document;
  const auto written = database_.writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
    const auto old = Rows::Find(transaction, tenant_, key);
    if (!old) return base::Fail(old.error());
    if (!*old) return NotFound<Rows>();
    if (auto allowed = Check(*old, may_change); !allowed) return allowed;
    const auto target = MergePatch(Describe(**old).json, Rows::kAnew);
    if (!target) return base::Fail(target.error());
    const auto merged = MergePatch(*target, patch);
    if (!merged) return base::Fail(merged.error());
    auto draft = ReadRowJson<Rows>(*merged, key);
    if (!draft) return base::Fail(std::move(draft).error());
    auto result = Write(transaction, draft->row, draft->given);
    if (!result) return base::Fail(std::move(result).error());
    document = *std::move(result);
    return {};
  });
  if (!written) return base::Fail(written.error());
  return document;
}

template <typename Rows>
base::Status RowEditor<Rows>::Delete(const Key& key, MayChange may_change) const {
  return database_.writer().Write([&](store::WriteTransaction& transaction) -> base::Status {
    const auto old = Rows::Find(transaction, tenant_, key);
    if (!old) return base::Fail(old.error());
    if (!*old) return NotFound<Rows>();
    if (auto allowed = Check(*old, may_change); !allowed) return allowed;
    return Rows::Delete(transaction, tenant_, key);
  });
}

template class RowEditor<ContactRows>;
template class RowEditor<JobRows>;
template class RowEditor<FileRows>;

}  // namespace portal::service
