#pragma once

#include <optional>
#include <string>

#include "config/load.h"

namespace portal::config {

/// A TOML file with every key at its default, commented out and explained: a start for one's own.
std::string DefaultsAsToml();

/// What the file that tls.cert names holds.
struct CertificateFacts {
  std::string name;       ///< whom it is for
  std::string not_after;  ///< until when, as RFC 3339
};
/// Every effective value as TOML, each with the place it came from; in front, as comments, the files.
std::string EffectiveAsToml(const Loaded& loaded, const std::optional<CertificateFacts>& certificate = {});
/// `{"file":"…","certificate":{"name":"…","not_after":"…"},"values":{"net.loops":{"value":4,"origin":"flag
/// --net-loops"},…}}`; file is null where none was read, certificate where there is none.
std::string EffectiveAsJson(const Loaded& loaded, const std::optional<CertificateFacts>& certificate = {});

}  // namespace portal::config
