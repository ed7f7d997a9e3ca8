#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/logger.h"

namespace portal::config {

/// Every setting of the program, merged and checked: immutable from here on. `keys.cpp` is the list of the
/// keys with their defaults and explanations; README.md shows the same list.
struct Config {
  std::vector<std::string> listen;  ///< `address:port` with a numeric address; port 0 picks one
  std::filesystem::path port_file;  ///< gets the bound port, one a line; empty: none
  std::filesystem::path data_dir;
  std::string public_url;  ///< scheme and authority, no trailing slash; empty: from the request

  struct SignedUrls {
    std::string base_url;           ///< scheme and authority, no trailing slash; empty: public_url
    std::chrono::seconds ttl{900};  ///< 1 s to 15 min
  } signed_urls;

  struct Net {
    std::size_t loops = 0;         ///< event loops; 0: one a core
    std::size_t pool_threads = 2;  ///< slow reads
    std::size_t pool_queue = 64;   ///< slow reads that wait; beyond: 503
    std::chrono::milliseconds head_timeout{10'000};
    std::chrono::milliseconds idle_timeout{60'000};
    std::chrono::milliseconds send_timeout{30'000};  ///< without a byte taken by the client
    std::chrono::milliseconds drain_timeout{30'000};
  } net;

  struct Log {
    base::LogLevel level = base::LogLevel::kInfo;
    bool access = true;
  } log;
};

}  // namespace portal::config
