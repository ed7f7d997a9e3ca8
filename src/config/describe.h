#pragma once

#include <string>

#include "config/load.h"

namespace portal::config {

/// A TOML file with every key at its default, commented out and explained: a start for one's own.
std::string DefaultsAsToml();
/// Every effective value as TOML, each with the place it came from.
std::string EffectiveAsToml(const Loaded& loaded);
/// `{"file":"…","values":{"net.loops":{"value":4,"origin":"flag --net-loops"},…}}`; file is null where none was read.
std::string EffectiveAsJson(const Loaded& loaded);

}  // namespace portal::config
