#pragma once

#include <memory>
#include <vector>

#include "http/authenticator.h"
#include "service/file_links.h"
#include "store/database.h"

namespace portal::service {

/// Who asks: bearer tokens and signed URLs, checked against the store. Each worker keeps what it looked up
/// until any process commits to the store (`Reader::DataVersion`, asked once a millisecond), so a revoked token ends
/// at once.
class Access final : public http::Authenticator {
 public:
  Access(store::Database& database, const FileLinks& links, std::size_t workers);
  ~Access() override;

  base::Result<http::Identity> CheckBearer(base::WorkerId worker, std::string_view token, base::WallTime now) override;
  base::Result<http::FileGrant> CheckSignedUrl(base::WorkerId worker, std::string_view target,
                                               base::WallTime now) override;

 private:
  struct Cache;
  store::Database& database_;
  const FileLinks& links_;
  std::vector<std::unique_ptr<Cache>> caches_;  // one per worker
};

}  // namespace portal::service
