#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "config/config.h"
#include "config/raw_value.h"

namespace portal::config {

inline constexpr const char* kDefaultFile = "/etc/portal-appliance/portal.toml";

/// What the layers say, the strongest first. A flag beats the environment beats the file beats the default.
struct Sources {
  std::vector<Setting> flags;              ///< at most one a key
  std::optional<std::string> config_flag;  ///< `--config`
  std::vector<std::string> environment;    ///< `NAME=value`
  /// Read only where neither `--config` nor PORTAL_CONFIG names another, and only if it exists. One that cannot be
  /// read is a problem.
  std::filesystem::path default_file = kDefaultFile;
};

/// The effective configuration, and where each value came from.
struct Loaded {
  Config config;
  std::optional<std::filesystem::path> file;  ///< the file that was read
  std::vector<Origin> origins;                ///< beside Keys()
  Origin OriginOf(std::string_view key) const;
};

/// Everything that is wrong at once; each line names the place, the key, the value and what would be right.
using Problems = std::vector<std::string>;

tl::expected<Loaded, Problems> Load(const Sources& sources);

/// Where a running portal reads `loaded` anew, which came from `sources`: a file that was read then must be there
/// still, since without it everything would fall back to its default.
Sources SourcesForReload(Sources sources, const Loaded& loaded);

}  // namespace portal::config
