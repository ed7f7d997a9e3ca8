#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/duration.h"
#include "base/endpoint.h"
#include "config/keys.h"
#include "config/values.h"

// How the values of single keys are read into Config and shown again; for keys.cpp, which is the list of them.
namespace portal::config::key_readers {

using Items = std::vector<std::string>;
using std::chrono::milliseconds;

inline constexpr std::int64_t kMostBudget = 1'000'000'000;
inline constexpr std::int64_t kMostLimitedKeys = 10'000'000;
inline constexpr std::int64_t kMostConnections = 10'000'000;
inline constexpr std::int64_t kFastestSendRate = 1'000'000'000;
inline constexpr std::int64_t kLargestWindow = 10'000;

inline Complaint ReadLevel(std::string_view text, base::LogLevel& out) {
  const auto level = base::ParseLogLevel(text);
  if (!level) return "debug, info, warning, error or off";
  out = *level;
  return std::nullopt;
}

inline bool HasNul(const std::string& text) { return text.find('\0') != std::string::npos; }

inline Complaint ReadFolder(const std::string& text, std::filesystem::path& out) {
  if (text.empty() || HasNul(text)) return "the path of a folder";
  out = text;
  return std::nullopt;
}

inline Complaint ReadOptionalFile(const std::string& text, std::filesystem::path& out) {
  if (HasNul(text)) return "the path of a file, or nothing";
  out = text;
  return std::nullopt;
}

inline Complaint ReadListen(const Items& items, Config& config) {
  if (items.empty()) return "at least one address and port, as in \"127.0.0.1:3000\"";
  for (const std::string& item : items) {
    if (auto complaint = CheckEndpoint(item)) return complaint;
  }
  config.listen = items;
  return std::nullopt;
}

template <std::size_t Config::Net::*kField, std::int64_t kMin, std::int64_t kMax>
Complaint ReadNetCount(const Items& items, Config& config) {
  std::int64_t value = 0;
  auto complaint = ReadInteger(items.front(), kMin, kMax, value);
  if (!complaint) config.net.*kField = static_cast<std::size_t>(value);
  return complaint;
}

template <std::size_t Config::Net::*kField>
Items ShowNetCount(const Config& config) {
  return {std::to_string(config.net.*kField)};
}

template <milliseconds Config::Net::*kField>
Complaint ReadNetDuration(const Items& items, Config& config) {
  return ReadDuration(items.front(), milliseconds{100}, std::chrono::hours{1}, config.net.*kField);
}

template <milliseconds Config::Net::*kField>
Items ShowNetDuration(const Config& config) {
  return {base::FormatDuration(config.net.*kField)};
}

template <std::uint32_t Config::RateLimits::*kField>
Complaint ReadBudget(const Items& items, Config& config) {
  std::int64_t value = 0;
  auto complaint = ReadInteger(items.front(), 0, kMostBudget, value);
  if (!complaint) config.rate_limits.*kField = static_cast<std::uint32_t>(value);
  return complaint;
}

template <std::uint32_t Config::RateLimits::*kField>
Items ShowBudget(const Config& config) {
  return {std::to_string(config.rate_limits.*kField)};
}

template <std::size_t Config::RateLimits::*kField>
Complaint ReadKeyCount(const Items& items, Config& config) {
  std::int64_t value = 0;
  auto complaint = ReadInteger(items.front(), 1, kMostLimitedKeys, value);
  if (!complaint) config.rate_limits.*kField = static_cast<std::size_t>(value);
  return complaint;
}

template <std::size_t Config::RateLimits::*kField>
Items ShowKeyCount(const Config& config) {
  return {std::to_string(config.rate_limits.*kField)};
}

inline Items ShowNetworks(const std::vector<base::IpNetwork>& networks) {
  Items items;
  for (const base::IpNetwork& network : networks) items.push_back(network.ToText());
  return items;
}

inline constexpr std::int64_t kMostBackups = 100'000;
inline constexpr std::chrono::hours kRarestBackup{24 * 366};

inline Complaint ReadBackupInterval(const Items& items, Config& config) {
  if (items.front() == "0") {
    config.backup.every = milliseconds{0};
    return std::nullopt;
  }
  auto complaint = ReadDuration(items.front(), std::chrono::seconds{1}, kRarestBackup, config.backup.every);
  if (complaint) *complaint += ", or 0";
  return complaint;
}

inline Complaint ReadBackupsKept(const Items& items, Config& config) {
  std::int64_t value = 0;
  auto complaint = ReadInteger(items.front(), 0, kMostBackups, value);
  if (!complaint) config.backup.keep = static_cast<std::size_t>(value);
  return complaint;
}

inline Complaint ReadControlListen(const Items& items, Config& config) {
  const std::string& text = items.front();
  if (!text.empty()) {
    if (auto complaint = CheckEndpoint(text)) return complaint;
    if (base::ParseEndpoint(text)->kind == base::Endpoint::Kind::kSystemd) {
      return "an address and port or unix:PATH of its own: the service manager's sockets are for listen";
    }
  }
  config.control.listen = text;
  return std::nullopt;
}

template <std::uint64_t Config::Control::*kField>
Complaint ReadControlSize(const Items& items, Config& config) {
  return ReadSize(items.front(), 1, std::uint64_t{1} << 50, config.control.*kField);
}

template <std::uint64_t Config::Control::*kField>
Items ShowControlSize(const Config& config) {
  return {FormatSize(config.control.*kField)};
}

inline Complaint ReadRetention(const Items& items, Config& config) {
  if (items.front() == "0") {
    config.deletion.retention = milliseconds{0};
    return std::nullopt;
  }
  auto complaint =
      ReadDuration(items.front(), std::chrono::seconds{1}, std::chrono::hours{24 * 366}, config.deletion.retention);
  if (complaint) *complaint += ", or 0";
  return complaint;
}

template <std::size_t Config::Breakers::*kField, std::int64_t kMax>
Complaint ReadBreakerCount(const Items& items, Config& config) {
  std::int64_t value = 0;
  auto complaint = ReadInteger(items.front(), 1, kMax, value);
  if (!complaint) config.breakers.*kField = static_cast<std::size_t>(value);
  return complaint;
}

template <std::size_t Config::Breakers::*kField>
Items ShowBreakerCount(const Config& config) {
  return {std::to_string(config.breakers.*kField)};
}

inline Complaint ReadFailureRate(const Items& items, Config& config) {
  std::int64_t value = 0;
  auto complaint = ReadInteger(items.front(), 1, 100, value);
  if (!complaint) config.breakers.failure_rate = static_cast<int>(value);
  return complaint;
}

/// Without room for any error there is no budget to speak of.
inline Complaint ReadAvailability(const Items& items, Config& config) {
  return ReadShare(items.front(), 500'000, 999'999, config.slo.availability_ppm);
}

inline Complaint ReadSlowCall(const Items& items, Config& config) {
  if (items.front() == "0") {
    config.breakers.slow_call = milliseconds{0};
    return std::nullopt;
  }
  auto complaint = ReadDuration(items.front(), milliseconds{1}, std::chrono::hours{1}, config.breakers.slow_call);
  if (complaint) *complaint += ", or 0";
  return complaint;
}

inline Complaint ReadTtl(const Items& items, Config& config) {
  milliseconds ttl{};
  auto complaint = ReadDuration(items.front(), std::chrono::seconds{1}, std::chrono::minutes{15}, ttl);
  if (complaint) return complaint;
  if (ttl % std::chrono::seconds{1} != milliseconds{0}) return "whole seconds, as in \"90s\"";
  config.signed_urls.ttl = std::chrono::duration_cast<std::chrono::seconds>(ttl);
  return std::nullopt;
}

}  // namespace portal::config::key_readers
