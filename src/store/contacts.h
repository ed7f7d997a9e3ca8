#pragma once

#include <string_view>

#include "base/function_ref.h"
#include "base/ids.h"
#include "base/result.h"
#include "model/contact.h"
#include "model/page.h"
#include "store/list_reader.h"
#include "store/statement.h"

namespace portal::store {

class ReadConnection;

/// Reads of contacts. Every view handed to a sink dies with the call. Not thread-safe.
class Contacts {
 public:
  using Sink = base::FunctionRef<void(const model::ContactView&)>;

  Contacts(ReadConnection& connection, AnchorCache& anchors);

  /// Rows in reading order go to `sink` one by one; on error, some may have gone already. kOverBudget;
  /// kValidation for a search of too many words or a keyset that no contact could have.
  base::Result<model::PageInfo> List(const base::TenantId& tenant, const model::ContactQuery& query, Sink sink);
  /// kNotFound ("Contact not found") also when another tenant owns it.
  base::Status Find(const base::TenantId& tenant, std::string_view id, Sink sink);
  base::Result<bool> Exists(const base::TenantId& tenant, std::string_view id);

 private:
  ReadConnection& connection_;
  ListReader list_;
  LazyStatement totals_;
  LazyStatement find_;
  LazyStatement exists_;
};

}  // namespace portal::store
