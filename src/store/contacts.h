#pragma once

#include <string_view>

#include "base/function_ref.h"
#include "base/ids.h"
#include "base/result.h"
#include "model/contact.h"
#include "model/page.h"

namespace portal::store {

class AnchorCache;
class ReadConnection;
class WriteConnection;

/// Reads of contacts. Every view handed to a sink dies with the call. Not thread-safe.
class Contacts {
 public:
  using Sink = base::FunctionRef<void(const model::ContactView&)>;

  Contacts(ReadConnection& connection, AnchorCache& anchors) : connection_(connection), anchors_(anchors) {}

  /// Rows in reading order go to `sink` one by one; on error, some may have gone already.
  base::Result<model::PageInfo> List(const base::TenantId& tenant, const model::ContactQuery& query, Sink sink);
  /// kNotFound ("Contact not found") also when another tenant owns it.
  base::Status Find(const base::TenantId& tenant, std::string_view id, Sink sink);
  base::Result<bool> Exists(const base::TenantId& tenant, std::string_view id);

 private:
  ReadConnection& connection_;
  AnchorCache& anchors_;
};

}  // namespace portal::store
