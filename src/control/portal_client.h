#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace portal::control {

/// Where another process finds a control plane, and whom it believes there.
struct Destination {
  std::string url;  ///< `http://` or `https://`, a host and perhaps a port from 1 to 65535; or `unix:PATH`, without TLS
  /// PEM. The certificate there must be among these or signed by one of them, whatever host it names: for a portal on
  /// this machine, whose certificate is at hand and names its public host. Empty: the machine's authorities decide, and
  /// the host must be the url's.
  std::filesystem::path certificate;
};

/// Whether a URL of `http://` or `https://` names the machine that asks: by `localhost` or a loopback address.
bool IsOnThisMachine(std::string_view url);

/// The body of a 200 to `GET target`. kValidation: that is no such url; kUnavailable: nobody answers there, or nobody
/// to be believed; kUnauthorized, kForbidden: what is said of the token; else what the answer says.
base::Result<std::string> Fetch(const Destination& destination, const std::string& target, const std::string& token);

}  // namespace portal::control
