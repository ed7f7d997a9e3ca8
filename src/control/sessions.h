#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip_address.h"
#include "base/mutex.h"
#include "crypto/hash.h"

namespace portal::control {

/// What opened a session: it ends when that ends.
struct Credential {
  enum class Kind { kToken, kPassword };
  Kind kind = Kind::kToken;
  crypto::Sha256Digest digest{};  ///< of the token, or of what the store keeps of the password
  std::string token_id;           ///< `tok_…`; of the password empty
};

/// Somebody who has signed in to the admin page.
struct Session {
  static constexpr std::chrono::minutes kIdle{30};  ///< it ends when nobody has used it for so long,
  static constexpr std::chrono::hours kLife{12};    ///< and in any case

  std::string id;  ///< `ses_…`, public
  Credential credential;
  base::IpAddress address;  ///< that it was begun from
  std::string user_agent;   ///< as that said of itself: printable ASCII, perhaps empty
  base::WallTime created_at{};
  base::WallTime last_used_at{};

  base::WallTime EndsAt() const { return std::min(created_at + kLife, last_used_at + kIdle); }
};

/// Who is signed in, in memory alone: a restart signs everybody out. Of the secrets that browsers hold it knows hashes.
/// Thread-safe.
class Sessions {
 public:
  /// More make room by ending the one that was not used for longest. Only who is let in begins one.
  static constexpr std::size_t kMost = 256;

  struct Begun {
    Session session;
    std::string secret;  ///< 256 random bits as 43 characters of base64url: for the cookie, and nowhere else
  };
  Begun Begin(Credential credential, const base::IpAddress& address, std::string_view user_agent, base::WallTime now);

  /// The session of that secret, which is used by this; nullopt: there is none, or it has ended.
  std::optional<Session> Use(std::string_view secret, base::WallTime now);

  /// Those that have not ended, by creation.
  std::vector<Session> List(base::WallTime now) const;

  /// False: there is none of that id.
  bool End(std::string_view id);
  void EndAll();

 private:
  void MakeRoom(base::WallTime now) REQUIRES(mu_);

  mutable base::Mutex mu_;
  std::map<crypto::Sha256Digest, Session> by_secret_ GUARDED_BY(mu_);
};

}  // namespace portal::control
