#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/keyed_hash.h"
#include "model/page.h"

namespace portal::api {

/// Cursors as clients see them: opaque, and authenticated, so that a position can only be had from the
/// portal and only be used for the list it was made for. Thread-safe.
class Cursors {
 public:
  explicit Cursors(crypto::KeyedHash key) : key_(std::move(key)) {}

  /// `scope` says which list: tenant, path, sort and filters. `start` is kAfter or kBefore.
  std::string Encode(std::string_view scope, const model::PageStart& start) const;

  /// nullopt when the text is no cursor of this list.
  std::optional<model::PageStart> Decode(std::string_view scope, std::string_view text) const;

 private:
  crypto::KeyedHash key_;
};

}  // namespace portal::api
