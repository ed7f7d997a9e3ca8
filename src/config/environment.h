#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/raw_value.h"

namespace portal::config {

/// What the environment says.
struct EnvironmentLayer {
  std::vector<Setting> settings;
  std::optional<std::string> config_file;  ///< PORTAL_CONFIG
  std::vector<std::string> problems;       ///< variables that were meant as keys and are none
};

/// Reads `NAME=value` entries. Of the unknown names that begin with `PORTAL_`, those that look like a
/// mistyped key are problems; others belong to somebody else, such as the `PORTAL_SERVICE_HOST` and
/// `PORTAL_PORT_3000_TCP` that Kubernetes sets beside a service of that name.
EnvironmentLayer ReadEnvironment(std::span<const std::string> entries);

/// The process's own environment, as entries.
std::vector<std::string> ProcessEnvironment();

}  // namespace portal::config
