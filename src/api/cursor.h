#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "model/page.h"
#include "service/signing_keys.h"

namespace portal::api {

/// Cursors as clients see them: opaque, and authenticated, so that a position can only be had from the
/// portal and only be used for the list it was made for. Thread-safe.
class Cursors {
 public:
  explicit Cursors(service::SigningKeys& keys) : keys_(keys) {}

  /// `scope` says which list: tenant, path, sort and filters. `start` is kAfter or kBefore.
  std::string Encode(std::string_view scope, const model::PageStart& start) const;

  /// nullopt when the text is no cursor of this list, or was made under a key that has ended since.
  std::optional<model::PageStart> Decode(std::string_view scope, std::string_view text, base::WallTime now) const;

 private:
  service::SigningKeys& keys_;
};

}  // namespace portal::api
