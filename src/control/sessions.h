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

  bool operator==(const Credential&) const = default;
};

/// Somebody who has signed in to the admin page.
struct Session {
  static constexpr std::chrono::minutes kIdle{30};  ///< it ends when nobody has used it for so long,
  static constexpr std::chrono::hours kLife{12};    ///< and in any case

  std::string id;  ///< `ses_…`, public
  Credential credential;
  base::IpAddress address;  ///< that it was begun from
  std::string user_agent;   ///< as that said of itself: printable ASCII, perhaps empty
  // To be shown; what ends it goes by monotonic time, which nobody sets back.
  base::WallTime created_at{};
  base::WallTime last_used_at{};
  base::WallTime ends_at{};  ///< as of when it was asked for, if nobody uses it any more
};

/// Who is signed in, in memory alone: a restart signs everybody out. Of the secrets that browsers hold it knows hashes.
/// Thread-safe.
class Sessions {
 public:
  /// More make room by ending the one that was not used for longest: of the same credential where that has as many as
  /// one may have, so that none ends what others have begun. Only who is let in begins one.
  static constexpr std::size_t kMost = 256;
  static constexpr std::size_t kMostOfOne = 32;

  explicit Sessions(const base::Clock& clock) : clock_(clock) {}

  struct Begun {
    Session session;
    std::string secret;  ///< 256 random bits as 43 characters of base64url: for the cookie, and nowhere else
  };
  Begun Begin(Credential credential, const base::IpAddress& address, std::string_view user_agent);

  /// The session of that secret, which is used by this; nullopt: there is none, or it has ended.
  std::optional<Session> Use(std::string_view secret);

  /// Those that have not ended, by creation.
  std::vector<Session> List() const;

  /// False: there is none of that id.
  bool End(std::string_view id);
  void EndAll();

 private:
  struct Entry {
    Session session;
    base::MonotonicTime begun;
    base::MonotonicTime used;
    base::MonotonicTime EndsAt() const { return std::min(begun + Session::kLife, used + Session::kIdle); }
  };
  using Entries = std::map<crypto::Sha256Digest, Entry>;

  Session Shown(const Entry& entry) const;
  void MakeRoom(const Credential& credential) REQUIRES(mu_);

  const base::Clock& clock_;
  mutable base::Mutex mu_;
  Entries by_secret_ GUARDED_BY(mu_);
};

}  // namespace portal::control
