#include "crypto/key_rotation.h"

#include <algorithm>

namespace portal::crypto {
namespace {

bool HasEnded(const KeyRecord& key, base::WallTime now) { return key.verify_until && *key.verify_until <= now; }

}  // namespace

base::Status Rotate(std::vector<KeyRecord>& keys, base::WallTime now, base::WallTime verify_until) {
  std::erase_if(keys, [&](const KeyRecord& key) { return HasEnded(key, now); });
  if (keys.size() >= kMaxKeys) {
    return base::Fail(base::ErrorCode::kConflict,
                      "there are " + std::to_string(keys.size()) +
                          " keys that still verify, which is the most; wait until the oldest ends, or revoke some");
  }
  keys.front().verify_until = verify_until;
  keys.insert(keys.begin(), NewKey(now));
  return {};
}

base::Status Revoke(std::vector<KeyRecord>& keys, std::string_view id, base::WallTime now) {
  const auto revoked = std::ranges::find(keys, id, &KeyRecord::id);
  if (revoked == keys.end()) {
    return base::Fail(base::ErrorCode::kNotFound,
                      "there is no key " + std::string(id) + "; `portal-appliance keys list` shows them");
  }
  if (revoked == keys.begin()) {
    *revoked = NewKey(now);
  } else {
    keys.erase(revoked);
  }
  std::erase_if(keys, [&](const KeyRecord& key) { return HasEnded(key, now); });
  return {};
}

void RevokeAll(std::vector<KeyRecord>& keys, base::WallTime now) {
  keys.clear();
  keys.push_back(NewKey(now));
}

}  // namespace portal::crypto
