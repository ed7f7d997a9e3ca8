#pragma once

#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/function_ref.h"
#include "crypto/hash.h"
#include "http/authenticator.h"
#include "service/file_links.h"
#include "service/remembered_scrapers.h"
#include "service/token_uses.h"
#include "store/database.h"

namespace portal::service {

/// Who asks: bearer tokens and signed URLs, checked against the store. Each worker keeps what it looked up
/// until this process commits to the store, or another one (`Reader::DataVersion`, asked once a millisecond), so a
/// revoked token ends at once. Each also notes when which token was used, once a minute a token; `WriteUses` tells the
/// store.
class Access final : public http::Authenticator {
 public:
  /// All three are borrowed.
  Access(store::Database& database, const FileLinks& links, const base::Clock& clock, std::size_t workers);
  ~Access() override;

  base::Result<http::Identity> CheckBearer(base::WorkerId worker, std::string_view token, base::WallTime now) override;
  /// The last word of the store holds for RememberedScrapers::kFor.
  base::Result<http::Identity> CheckScraper(base::WorkerId worker, std::string_view token, base::WallTime now) override;
  base::Result<http::FileGrant> CheckSignedUrl(base::WorkerId worker, std::string_view target,
                                               base::WallTime now) override;

  /// Writes what was noted since the last call into the store, in one transaction or none. Where that fails the notes
  /// are lost, and nothing else. Thread-safe, beside the workers too.
  base::Status WriteUses();

  /// As TokenUses::ForgetAround. Thread-safe, beside the workers too.
  base::Status ForgetUsesAround(base::FunctionRef<base::Status()> rewind);

 private:
  struct Known;
  struct KnownToken;
  struct Cache;
  /// kInvalidToken, kUnavailable, kCircuitOpen. Valid until the worker's next call.
  base::Result<KnownToken*> Find(base::WorkerId worker, std::string_view token, const crypto::Sha256Digest& digest,
                                 base::WallTime now);
  http::Identity Use(base::WorkerId worker, KnownToken& known, base::WallTime now);

  store::Database& database_;
  const FileLinks& links_;
  const base::Clock& clock_;
  std::vector<std::unique_ptr<Cache>> caches_;  // one per worker
  TokenUses uses_;
  RememberedScrapers scrapers_;
};

}  // namespace portal::service
