#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace portal::base {

/// A place to listen on, as the configuration writes it: `[http://|https://]` and one of `127.0.0.1:3000`,
/// `[::1]:3000`, `unix:/run/portal.sock`, `systemd`, `systemd:NAME`.
struct Endpoint {
  enum class Kind : std::uint8_t { kTcp, kUnix, kSystemd };
  enum class Scheme : std::uint8_t { kUnsaid, kHttp, kHttps };

  Kind kind = Kind::kTcp;
  Scheme scheme = Scheme::kUnsaid;
  bool is_v6 = false;      ///< of kTcp
  std::uint16_t port = 0;  ///< of kTcp; 0: the kernel picks one
  /// kTcp: the numeric address without brackets. kUnix: the path, 1 to 107 bytes. kSystemd: the socket's
  /// FileDescriptorName; empty: every socket that is not named.
  std::string name;
};

/// Reads it strictly: nullopt where it is none. Pure.
std::optional<Endpoint> ParseEndpoint(std::string_view text);

/// What a right one looks like, to follow the word "expected".
inline constexpr std::string_view kEndpointForms =
    "a numeric address and a port from 0 to 65535, as in \"127.0.0.1:3000\" or \"[::1]:3000\", or "
    "\"unix:/path/of.sock\", \"systemd\" or \"systemd:NAME\", each perhaps behind http:// or https://";

/// Whether what listens there speaks TLS: what the scheme says; unsaid, where there is a certificate, but
/// on Unix sockets never, since whoever may open those is on the machine already.
bool IsSecure(Endpoint::Scheme scheme, bool is_unix, bool have_certificate);

}  // namespace portal::base
