#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/ip_network.h"
#include "base/logger.h"

namespace portal::config {

/// Every setting of the program, merged and checked: immutable from here on. `keys.cpp` is the list of the
/// keys with their defaults and explanations; README.md shows the same list.
struct Config {
  std::vector<std::string> listen;  ///< each read by base::ParseEndpoint
  std::filesystem::path port_file;  ///< gets what was bound, a port or a path a line; empty: none
  std::filesystem::path data_dir;
  std::string public_url;  ///< scheme and authority, no trailing slash; empty: from the request

  struct SignedUrls {
    std::string base_url;           ///< scheme and authority, no trailing slash; empty: public_url
    std::chrono::seconds ttl{900};  ///< 1 s to 15 min
  } signed_urls;

  /// PEM files: both, or neither.
  struct Tls {
    std::filesystem::path cert;  ///< the certificate and those between it and a root, the own first
    std::filesystem::path key;
  } tls;

  struct Net {
    std::size_t loops = 0;                            ///< event loops; 0: one a core
    std::size_t pool_threads = 2;                     ///< slow reads
    std::size_t pool_queue = 64;                      ///< slow reads that wait; beyond: 503
    std::size_t max_connections = 16'384;             ///< 0: as many as the process has descriptors for
    std::size_t max_connections_per_address = 1'024;  ///< IPv6 by /64, not for Unix sockets; 0: no cap
    std::chrono::milliseconds handshake_timeout{10'000};
    std::chrono::milliseconds head_timeout{10'000};
    std::chrono::milliseconds idle_timeout{60'000};
    std::chrono::milliseconds send_timeout{30'000};  ///< over which min_send_rate is measured
    std::size_t min_send_rate = 240;                 ///< bytes a second that a client must take; 0: any byte will do
    std::chrono::milliseconds drain_timeout{30'000};
    std::vector<base::IpNetwork> trusted_proxies;  ///< whose X-Forwarded-For is believed
  } net;

  struct Cors {
    std::vector<std::string> allowed_origins;  ///< as browsers write them, to be compared byte by byte
  } cors;

  struct Backup {
    std::filesystem::path dir;           ///< empty: none
    std::chrono::milliseconds every{0};  ///< 0: only when asked
    std::size_t keep = 7;                ///< backups that stay; 0: all
  } backup;

  /// Where operators and feeding systems connect.
  struct Control {
    std::string listen;                     ///< read by base::ParseEndpoint; empty: there is no control plane
    std::filesystem::path port_file;        ///< as `port_file`
    std::size_t threads = 8;                ///< each serves one connection at a time
    std::uint64_t max_upload = 5ull << 30;  ///< bytes of one blob
    std::uint64_t max_bulk = 1ull << 30;    ///< bytes of one body of many rows
  } control;

  struct Deletion {
    std::chrono::milliseconds retention{24 * 3'600'000};  ///< until what was deleted is purged; 0: at once
  } deletion;

  /// Requests in any interval of the window's length; 0: no limit.
  struct RateLimits {
    std::uint32_t by_default = 60;     ///< health, contacts, jobs: each, for a client
    std::uint32_t files = 120;         ///< the same of lists of files
    std::uint32_t downloads = 600;     ///< the same of signed URLs
    std::uint32_t auth_failures = 30;  ///< bad tokens and signatures from one address
    std::chrono::milliseconds window{60'000};
    std::size_t max_addresses = 100'000;  ///< that are counted apart
    std::size_t max_clients = 100'000;    ///< the same of clients, for each kind of request
    std::vector<base::IpNetwork> exempt;  ///< addresses that are not counted
  } rate_limits;
  /// The circuit breakers before the database and the blobs.
  struct Breakers {
    std::size_t window = 20;     ///< of so many calls the failures are counted
    std::size_t min_calls = 10;  ///< with fewer in the window it stays closed
    int failure_rate = 50;       ///< percent of the window's calls
    std::chrono::milliseconds open_for{30'000};
    std::size_t probes = 3;                  ///< calls at once while half-open, and successes that close it
    std::chrono::milliseconds slow_call{0};  ///< what takes so long has failed; 0: nothing has
  } breakers;

  struct Store {
    std::size_t page_cache = 64u << 20;  ///< bytes of database pages that each event loop and pool thread keeps
  } store;

  struct Metrics {
    std::vector<base::IpNetwork> allow;  ///< who reads them without a token, beside this machine
  } metrics;

  struct Log {
    base::LogLevel level = base::LogLevel::kInfo;
    bool access = true;
  } log;
};

}  // namespace portal::config
