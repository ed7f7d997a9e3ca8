#pragma once

#include <string>

#include "api/cursor.h"
#include "api/error_pages.h"
#include "blob/blob_store.h"
#include "http/request.h"
#include "metrics/registry.h"
#include "service/breakers.h"
#include "service/file_links.h"
#include "service/readiness.h"
#include "store/database.h"

namespace portal::api {

/// What handlers work with: everything outlives them, and is thread-safe or kept per worker.
struct Context {
  store::Database& database;
  const blob::BlobStore& blobs;
  const service::FileLinks& links;
  const service::Readiness& readiness;
  service::Breakers& breakers;
  const metrics::Registry& metrics;
  Cursors cursors;
  ErrorPages error_pages;
  std::string public_url;          ///< empty: the request's own Host
  std::string files_base_url;      ///< empty: like public_url
  std::string fallback_authority;  ///< where a request has no Host

  std::string PublicBase(const http::Request& request) const;
  std::string FilesBase(const http::Request& request) const;
  /// The caller's own reader.
  store::Reader& reader(const http::Request& request) const { return database.reader(request.worker); }
};

}  // namespace portal::api
