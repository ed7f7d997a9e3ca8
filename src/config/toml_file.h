#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/raw_value.h"

namespace portal::config {

/// What a configuration file says, tables flattened to dotted keys.
struct FileLayer {
  std::vector<Setting> settings;
  std::vector<std::string> problems;  ///< unreadable, not TOML: each names the file, and the line where there is one
};

/// Parses TOML 1.0. `file` only names the origin.
FileLayer ParseToml(std::string_view text, const std::filesystem::path& file);
/// Reads at most 1 MiB: a configuration is no data file.
FileLayer ReadTomlFile(const std::filesystem::path& file);

}  // namespace portal::config
