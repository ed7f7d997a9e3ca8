#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_network.h"

namespace portal::config {

/// Each reads one value strictly and fills `out`, or returns what a right value looks like, to follow the
/// word "expected". `out` is untouched then.
using Complaint = std::optional<std::string>;

/// Digits only.
Complaint ReadInteger(std::string_view text, std::int64_t min, std::int64_t max, std::int64_t& out);
/// `true` or `false`.
Complaint ReadBoolean(std::string_view text, bool& out);
/// `250ms`, `30s`, `15m`, `1h`.
Complaint ReadDuration(std::string_view text, std::chrono::milliseconds min, std::chrono::milliseconds max,
                       std::chrono::milliseconds& out);
/// Digits, and perhaps one of `KiB MiB GiB TiB`: `512MiB`.
Complaint ReadSize(std::string_view text, std::uint64_t min, std::uint64_t max, std::uint64_t& out_bytes);
/// The shortest text that `ReadSize` reads back.
std::string FormatSize(std::uint64_t bytes);
/// Percent with at most four decimals: `99.9%`, where the sign may be left out. In parts of a million.
Complaint ReadShare(std::string_view text, std::uint32_t min_ppm, std::uint32_t max_ppm, std::uint32_t& out_ppm);
/// The shortest text that `ReadShare` reads back.
std::string FormatShare(std::uint32_t ppm);
/// A list of base::IpNetwork; empty texts in it are nothing.
Complaint ReadNetworks(const std::vector<std::string>& items, std::vector<base::IpNetwork>& out);
/// A list of origins, each as a browser sends it in Origin (RFC 6454 §6.2): `scheme://host[:port]`, in lower case and
/// without the default port. Empty texts in it are nothing.
Complaint ReadOrigins(const std::vector<std::string>& items, std::vector<std::string>& out);
/// Whatever base::ParseEndpoint reads.
Complaint CheckEndpoint(std::string_view text);
/// Scheme and authority of http or https, `https://portal.example.com:8443`: no user information, path,
/// query or fragment. A trailing slash is dropped. Empty stays empty.
Complaint ReadBaseUrl(std::string_view text, std::string& out);

}  // namespace portal::config
