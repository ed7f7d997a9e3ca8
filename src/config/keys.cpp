#include "config/keys.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/json_text.h"
#include "config/key_readers.h"
#include "config/nearest.h"

namespace portal::config {
namespace {

using namespace key_readers;

constexpr bool kReloads = true;

const std::array kKeys = {
    Key{"listen", ValueType::kList, "ADDRESS:PORT", "127.0.0.1:3000",
        "Where clients connect: a numeric address with a port (0 picks a free one), unix:PATH, systemd for the "
        "sockets that the service manager holds, or systemd:NAME for those of a name. http:// or https:// in "
        "front says whether TLS is spoken; else it is where tls.cert is set, but not on Unix sockets.",
        ReadListen, [](const Config& c) -> Items { return c.listen; }},
    Key{"port_file", ValueType::kText, "FILE", "",
        "A file that has the bound port of each entry of listen, one a line, for as long as the portal answers; for a "
        "Unix socket its path. Empty: none.",
        [](const Items& items, Config& c) { return ReadOptionalFile(items.front(), c.port_file); },
        [](const Config& c) -> Items { return {c.port_file.string()}; }},
    Key{"data_dir", ValueType::kText, "FOLDER", "./portal-data",
        "The folder of the database, the files and the keys. Belongs to the service alone.",
        [](const Items& items, Config& c) { return ReadFolder(items.front(), c.data_dir); },
        [](const Config& c) -> Items { return {c.data_dir.string()}; }},
    Key{"public_url", ValueType::kText, "URL", "",
        "Scheme and host under which clients reach the portal, for links and problem types. Empty: the Host of "
        "each request, which suits development.",
        [](const Items& items, Config& c) { return ReadBaseUrl(items.front(), c.public_url); },
        [](const Config& c) -> Items { return {c.public_url}; }},
    Key{"signed_urls.base_url", ValueType::kText, "URL", "",
        "Scheme and host of signed URLs, where files have a host of their own. Empty: public_url.",
        [](const Items& items, Config& c) { return ReadBaseUrl(items.front(), c.signed_urls.base_url); },
        [](const Config& c) -> Items { return {c.signed_urls.base_url}; }},
    Key{"signed_urls.ttl", ValueType::kDuration, "DURATION", "15m", "How long a signed URL works, 15m at the most.",
        ReadTtl, [](const Config& c) -> Items { return {base::FormatDuration(c.signed_urls.ttl)}; }},
    Key{"tls.cert", ValueType::kText, "FILE", "",
        "PEM file of the certificate, with those between it and a root behind it. Empty: no TLS.",
        [](const Items& items, Config& c) { return ReadOptionalFile(items.front(), c.tls.cert); },
        [](const Config& c) -> Items { return {c.tls.cert.string()}; }, kReloads},
    Key{"tls.key", ValueType::kText, "FILE", "", "PEM file of the certificate's private key, without a password.",
        [](const Items& items, Config& c) { return ReadOptionalFile(items.front(), c.tls.key); },
        [](const Config& c) -> Items { return {c.tls.key.string()}; }, kReloads},
    Key{"net.loops", ValueType::kInteger, "N", "0", "Event loops that answer requests. 0: one a processor core.",
        ReadNetCount<&Config::Net::loops, 0, 256>, ShowNetCount<&Config::Net::loops>},
    Key{"net.pool_threads", ValueType::kInteger, "N", "2", "Threads for reads that would take an event loop too long.",
        ReadNetCount<&Config::Net::pool_threads, 1, 256>, ShowNetCount<&Config::Net::pool_threads>},
    Key{"net.pool_queue", ValueType::kInteger, "N", "64", "Slow reads that may wait; beyond, requests get a 503.",
        ReadNetCount<&Config::Net::pool_queue, 1, 100'000>, ShowNetCount<&Config::Net::pool_queue>},
    Key{"net.max_connections", ValueType::kInteger, "N", "16384",
        "Connections at once; beyond, the one that has been idle for longest makes room for a new one. 0: as many as "
        "the process has file descriptors for.",
        ReadNetCount<&Config::Net::max_connections, 0, kMostConnections>, ShowNetCount<&Config::Net::max_connections>,
        kReloads},
    Key{"net.max_connections_per_address", ValueType::kInteger, "N", "1024",
        "Connections at once from one IPv4 address or IPv6 /64 network; Unix sockets have no such cap. 0: no cap.",
        ReadNetCount<&Config::Net::max_connections_per_address, 0, kMostConnections>,
        ShowNetCount<&Config::Net::max_connections_per_address>, kReloads},
    Key{"net.handshake_timeout", ValueType::kDuration, "DURATION", "10s",
        "How long a client may take for its TLS handshake.", ReadNetDuration<&Config::Net::handshake_timeout>,
        ShowNetDuration<&Config::Net::handshake_timeout>, kReloads},
    Key{"net.head_timeout", ValueType::kDuration, "DURATION", "10s", "How long a client may take to send a request.",
        ReadNetDuration<&Config::Net::head_timeout>, ShowNetDuration<&Config::Net::head_timeout>, kReloads},
    Key{"net.idle_timeout", ValueType::kDuration, "DURATION", "1m",
        "How long a connection may stay open between requests.", ReadNetDuration<&Config::Net::idle_timeout>,
        ShowNetDuration<&Config::Net::idle_timeout>, kReloads},
    Key{"net.send_timeout", ValueType::kDuration, "DURATION", "30s",
        "The time over which net.min_send_rate is measured, from an answer's first byte on.",
        ReadNetDuration<&Config::Net::send_timeout>, ShowNetDuration<&Config::Net::send_timeout>, kReloads},
    Key{"net.min_send_rate", ValueType::kInteger, "BYTES", "240",
        "Bytes a second of its answer that a client must take, on average over net.send_timeout; one that takes "
        "less is disconnected. 0: any byte will do.",
        ReadNetCount<&Config::Net::min_send_rate, 0, kFastestSendRate>, ShowNetCount<&Config::Net::min_send_rate>,
        kReloads},
    Key{"net.drain_timeout", ValueType::kDuration, "DURATION", "30s", "How long requests may go on after SIGTERM.",
        ReadNetDuration<&Config::Net::drain_timeout>, ShowNetDuration<&Config::Net::drain_timeout>, kReloads},
    Key{"net.trusted_proxies", ValueType::kList, "ADDRESS", "",
        "Proxies in front that tell the truth about their clients in X-Forwarded-For: addresses, networks such as "
        "10.0.0.0/8, or unix for whoever comes by a Unix socket. Empty: nobody is believed.",
        [](const Items& items, Config& c) { return ReadNetworks(items, c.net.trusted_proxies); },
        [](const Config& c) { return ShowNetworks(c.net.trusted_proxies); }},
    Key{"cors.allowed_origins", ValueType::kList, "ORIGIN", "",
        "Web pages whose scripts may use the API, by their exact origin as in https://app.example.com; no wildcards. "
        "The "
        "portal's own pages always may. Empty: no others.",
        [](const Items& items, Config& c) { return ReadOrigins(items, c.cors.allowed_origins); },
        [](const Config& c) -> Items { return c.cors.allowed_origins; }},
    Key{"backup.dir", ValueType::kText, "FOLDER", "",
        "Where backups go, a folder each: best on another disk. Empty: none.",
        [](const Items& items, Config& c) { return ReadOptionalFile(items.front(), c.backup.dir); },
        [](const Config& c) -> Items { return {c.backup.dir.string()}; }},
    Key{"backup.every", ValueType::kDuration, "DURATION", "0",
        "How often the portal makes a backup by itself, as in 1d. 0: only when told to.", ReadBackupInterval,
        [](const Config& c) -> Items {
          return {c.backup.every.count() == 0 ? "0" : base::FormatDuration(c.backup.every)};
        }},
    Key{"backup.keep", ValueType::kInteger, "N", "7",
        "Backups of this store that the portal leaves in backup.dir; older ones go. 0: all.", ReadBackupsKept,
        [](const Config& c) -> Items { return {std::to_string(c.backup.keep)}; }},
    Key{"control.listen", ValueType::kText, "ADDRESS:PORT", "127.0.0.1:3001",
        "Where operators and feeding systems connect, written like one entry of listen. Unset, where every entry of "
        "listen asks for port 0, it is a free port of 127.0.0.1, too. Empty: there is no control plane.",
        ReadControlListen, [](const Config& c) -> Items { return {c.control.listen}; }},
    Key{"control.port_file", ValueType::kText, "FILE", "",
        "A file like port_file, with the bound port of control.listen. Empty: none.",
        [](const Items& items, Config& c) { return ReadOptionalFile(items.front(), c.control.port_file); },
        [](const Config& c) -> Items { return {c.control.port_file.string()}; }},
    Key{"control.threads", ValueType::kInteger, "N", "8",
        "Threads of the control plane; each serves one connection at a time.",
        [](const Items& items, Config& c) -> Complaint {
          std::int64_t value = 0;
          auto complaint = ReadInteger(items.front(), 1, 256, value);
          if (!complaint) c.control.threads = static_cast<std::size_t>(value);
          return complaint;
        },
        [](const Config& c) -> Items { return {std::to_string(c.control.threads)}; }},
    Key{"control.max_upload", ValueType::kText, "SIZE", "5GiB", "The largest file that may be uploaded.",
        ReadControlSize<&Config::Control::max_upload>, ShowControlSize<&Config::Control::max_upload>},
    Key{"control.max_bulk", ValueType::kText, "SIZE", "1GiB", "The largest body of many rows that is taken at once.",
        ReadControlSize<&Config::Control::max_bulk>, ShowControlSize<&Config::Control::max_bulk>},
    Key{"deletion.retention", ValueType::kDuration, "DURATION", "1d",
        "How long the bytes of what was deleted stay; then they are purged from blobs, search and free pages. 0: not "
        "at all.",
        ReadRetention,
        [](const Config& c)
            -> Items { return {c.deletion.retention.count() == 0 ? "0" : base::FormatDuration(c.deletion.retention)}; }},
    Key{"rate_limits.default", ValueType::kInteger, "N", "60",
        "Requests of a client to each of health, contacts and jobs within any rate_limits.window; of an address where "
        "there is no client. 0: no limit.",
        ReadBudget<&Config::RateLimits::by_default>, ShowBudget<&Config::RateLimits::by_default>, kReloads},
    Key{"rate_limits.files", ValueType::kInteger, "N", "120", "The same of the lists of a job's files.",
        ReadBudget<&Config::RateLimits::files>, ShowBudget<&Config::RateLimits::files>, kReloads},
    Key{"rate_limits.downloads", ValueType::kInteger, "N", "600", "The same of downloads by signed URLs.",
        ReadBudget<&Config::RateLimits::downloads>, ShowBudget<&Config::RateLimits::downloads>, kReloads},
    Key{"rate_limits.auth_failures", ValueType::kInteger, "N", "30",
        "Bad tokens and bad signatures from one address within any rate_limits.window; more are answered 429. Good "
        "ones "
        "are never held up. 0: no limit.",
        ReadBudget<&Config::RateLimits::auth_failures>, ShowBudget<&Config::RateLimits::auth_failures>, kReloads},
    Key{"rate_limits.window", ValueType::kDuration, "DURATION", "1m",
        "The interval that budgets are for: no interval of this length, wherever it begins, holds more requests.",
        [](const Items& items, Config& c) {
          return ReadDuration(items.front(), milliseconds{100}, std::chrono::minutes{30}, c.rate_limits.window);
        },
        [](const Config& c) -> Items { return {base::FormatDuration(c.rate_limits.window)}; }},
    Key{"rate_limits.max_addresses", ValueType::kInteger, "N", "100000",
        "Addresses whose requests are counted apart, times the kinds of requests; strangers beyond share one budget.",
        ReadKeyCount<&Config::RateLimits::max_addresses>, ShowKeyCount<&Config::RateLimits::max_addresses>},
    Key{"rate_limits.max_clients", ValueType::kInteger, "N", "100000", "The same of clients.",
        ReadKeyCount<&Config::RateLimits::max_clients>, ShowKeyCount<&Config::RateLimits::max_clients>},
    Key{"rate_limits.exempt", ValueType::kList, "ADDRESS", "",
        "Whose requests without a token are not counted, such as a monitor's: addresses, networks, or unix.",
        [](const Items& items, Config& c) { return ReadNetworks(items, c.rate_limits.exempt); },
        [](const Config& c) { return ShowNetworks(c.rate_limits.exempt); }},
    Key{"breakers.window", ValueType::kInteger, "N", "20",
        "Circuit breakers stand before the database and the files: each counts how many of so many last calls failed.",
        ReadBreakerCount<&Config::Breakers::window, kLargestWindow>, ShowBreakerCount<&Config::Breakers::window>},
    Key{"breakers.min_calls", ValueType::kInteger, "N", "10", "With fewer calls to go by, a breaker stays closed.",
        ReadBreakerCount<&Config::Breakers::min_calls, kLargestWindow>, ShowBreakerCount<&Config::Breakers::min_calls>},
    Key{"breakers.failure_rate", ValueType::kInteger, "PERCENT", "50",
        "Failures among the last calls that open a breaker: I/O errors, damage, what cannot be opened, a full disk.",
        ReadFailureRate, [](const Config& c) -> Items { return {std::to_string(c.breakers.failure_rate)}; }},
    Key{"breakers.open_for", ValueType::kDuration, "DURATION", "30s",
        "How long an open breaker has requests answered 503 at once, before it lets a few calls find out.",
        [](const Items& items, Config& c) {
          return ReadDuration(items.front(), milliseconds{100}, std::chrono::hours{24}, c.breakers.open_for);
        },
        [](const Config& c) -> Items { return {base::FormatDuration(c.breakers.open_for)}; }},
    Key{"breakers.probes", ValueType::kInteger, "N", "3",
        "Calls at once that find out; as many successes close the breaker, one failure opens it again.",
        ReadBreakerCount<&Config::Breakers::probes, kLargestWindow>, ShowBreakerCount<&Config::Breakers::probes>},
    Key{"breakers.slow_call", ValueType::kDuration, "DURATION", "0",
        "A call that takes so long counts as failed. 0: however long it takes.", ReadSlowCall,
        [](const Config& c) -> Items {
          return {c.breakers.slow_call.count() == 0 ? "0" : base::FormatDuration(c.breakers.slow_call)};
        }},
    Key{"store.page_cache", ValueType::kText, "SIZE", "64MiB",
        "Pages of the database that each event loop and each pool thread keeps in memory, at most. A search among "
        "millions of rows takes half as long where all it reads is there.",
        [](const Items& items, Config& c) {
          std::uint64_t bytes = 0;
          auto complaint = ReadSize(items.front(), std::uint64_t{1} << 20, std::uint64_t{1} << 40, bytes);
          if (!complaint) c.store.page_cache = bytes;
          return complaint;
        },
        [](const Config& c) -> Items { return {FormatSize(c.store.page_cache)}; }},
    Key{"metrics.allow", ValueType::kList, "ADDRESS", "",
        "Who reads /metrics without a token, beside this machine: addresses, networks such as 10.0.0.0/8, or unix for "
        "whoever comes by a Unix socket.",
        [](const Items& items, Config& c) { return ReadNetworks(items, c.metrics.allow); },
        [](const Config& c) { return ShowNetworks(c.metrics.allow); }},
    Key{"log.level", ValueType::kText, "LEVEL", "info", "The least that is logged: debug, info, warning, error, off.",
        [](const Items& items, Config& c) { return ReadLevel(items.front(), c.log.level); },
        [](const Config& c) -> Items { return {std::string(kLevelNames[static_cast<std::size_t>(c.log.level)])}; },
        kReloads},
    Key{"log.access", ValueType::kBoolean, "BOOL", "true", "A log line for every request.",
        [](const Items& items, Config& c) { return ReadBoolean(items.front(), c.log.access); },
        [](const Config& c) -> Items { return {c.log.access ? "true" : "false"}; }, kReloads},
};

const std::array<std::string_view, kKeys.size()> kNames = [] {
  std::array<std::string_view, kKeys.size()> names;
  std::ranges::transform(kKeys, names.begin(), &Key::name);
  return names;
}();

}  // namespace

std::vector<std::string> Key::DefaultItems() const {
  if (type == ValueType::kList && default_value.empty()) return {};
  return {std::string(default_value)};
}

std::string Key::Flag() const {
  std::string flag = "--" + std::string(name);
  std::ranges::replace_if(
      flag, [](char c) { return c == '.' || c == '_'; }, '-');
  return flag;
}

std::string Key::Variable() const {
  std::string variable = "PORTAL_";
  for (const char c : name) {
    variable += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return variable;
}

std::span<const Key> Keys() { return kKeys; }

const Key* FindKey(std::string_view name) {
  const auto at = std::ranges::find(kKeys, name, &Key::name);
  return at == kKeys.end() ? nullptr : &*at;
}

std::string_view NearestKey(std::string_view name) { return Nearest(name, kNames); }

std::string TomlText(ValueType type, const std::vector<std::string>& items) {
  const auto quoted = [](const std::string& item) {
    std::string text;
    base::AppendJsonString(item, text);  // a JSON string is a TOML basic string
    return text;
  };
  switch (type) {
    case ValueType::kInteger:
    case ValueType::kBoolean:
      return items.front();
    case ValueType::kText:
    case ValueType::kDuration:
      return quoted(items.front());
    case ValueType::kList:
      break;
  }
  std::string list = "[";
  for (const std::string& item : items) list += (list.size() > 1 ? ", " : "") + quoted(item);
  return list + "]";
}

}  // namespace portal::config
