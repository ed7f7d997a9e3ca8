#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace portal::base {

/// Writes one JSON object, members in the order of the calls.
class JsonObject {
 public:
  JsonObject& Text(std::string_view key, std::string_view value);
  JsonObject& Number(std::string_view key, std::int64_t value);
  JsonObject& Boolean(std::string_view key, bool value);
  /// RFC 3339, or null.
  JsonObject& Time(std::string_view key, std::optional<WallTime> value);
  /// `value` is JSON already.
  JsonObject& Json(std::string_view key, std::string_view value);

  std::string Done() const { return text_ + "}"; }
  std::string Line() const { return Done() + "\n"; }

 private:
  void Begin(std::string_view key);
  std::string text_ = "{";
};

/// `[a,b]` of members that are JSON already.
class JsonArray {
 public:
  void Add(std::string_view member);
  void AddText(std::string_view member);  ///< of a member that is not
  std::string Done() const { return text_ + "]"; }
  std::string Line() const { return Done() + "\n"; }

 private:
  std::string text_ = "[";
};

}  // namespace portal::base
