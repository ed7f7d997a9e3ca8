#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/raw_value.h"

namespace portal::config {

/// How a key's value is written in the file. In flags and the environment all are text, and a list is
/// repeated flags or commas.
enum class ValueType : std::uint8_t { kText, kList, kInteger, kBoolean, kDuration };

/// A row of the one table from which --help, check-config, --defaults and README.md's list are made.
struct Key {
  std::string_view name;  ///< `net.head_timeout`
  ValueType type;
  std::string_view placeholder;    ///< for --help: `DURATION`
  std::string_view default_value;  ///< as the file would have it, text without its quotes
  std::string_view explanation;    ///< a sentence or two, without the default
  /// Checks the items and writes the field; a message that says what would be right, where they are wrong.
  std::optional<std::string> (*apply)(const std::vector<std::string>& items, Config& config);
  /// The effective value, as items; one but for lists.
  std::vector<std::string> (*read)(const Config& config);
  bool reloads = false;  ///< a running portal takes a new value on SIGHUP; else it needs a restart

  /// The default as items: a list without one has none.
  std::vector<std::string> DefaultItems() const;
  std::string Flag() const;      ///< `--net-head-timeout`
  std::string Variable() const;  ///< `PORTAL_NET_HEAD_TIMEOUT`
};

/// Every key, sections together, in the order in which they are shown.
std::span<const Key> Keys();
/// Nullptr where there is no such key.
const Key* FindKey(std::string_view name);
/// The key that was most likely meant, or an empty view.
std::string_view NearestKey(std::string_view name);

/// `items` in the file's notation: quoted text, a bare integer, `["a", "b"]`.
std::string TomlText(ValueType type, const std::vector<std::string>& items);

}  // namespace portal::config
