#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace portal::config {

/// What a layer gave for a key, before it is understood.
struct RawValue {
  /// What the file's grammar already says; flags and the environment know only text.
  enum class Form : std::uint8_t { kUntyped, kText, kInteger, kBoolean, kList, kOther };
  Form form = Form::kUntyped;
  std::vector<std::string> items;  ///< one, or the elements of a list
};

/// Where the effective value of a key came from.
struct Origin {
  enum class Layer : std::uint8_t { kDefault, kFile, kEnvironment, kFlag };
  Layer layer = Layer::kDefault;
  std::string place;  ///< `default`, `FILE:line:column`, `environment PORTAL_X`, `flag --x`
};

/// A raw value, for which key, from where.
struct Setting {
  std::string key;  ///< `net.loops`; for flags and variables already translated
  RawValue value;
  Origin origin;
};

}  // namespace portal::config
