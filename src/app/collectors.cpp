#include "app/collectors.h"

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "metrics/process.h"
#include "metrics/service_level_families.h"

namespace portal::app {
namespace {

using metrics::Families;
using metrics::Family;
using metrics::Single;
using metrics::Type;
using resilience::BreakerState;

constexpr std::array<BreakerState, resilience::kBreakerStates> kStates = {BreakerState::kClosed, BreakerState::kOpen,
                                                                          BreakerState::kHalfOpen};

double UnixSeconds(base::WallTime time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

void AddBreakers(service::Breakers& breakers, Families& families) {
  Family states{"portal_breaker_state", "1 for the state that a circuit breaker is in", Type::kGauge};
  Family moves{"portal_breaker_transitions_total", "How often a circuit breaker came to a state", Type::kCounter};
  const auto all = breakers.All();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const BreakerState now = all[i]->State();
    for (const BreakerState state : kStates) {
      const std::string name(ToText(state));
      states.Add({{"breaker", all[i]->name()}, {"state", name}}, state == now ? 1 : 0);
      moves.Add({{"breaker", all[i]->name()}, {"to", name}}, static_cast<double>(breakers.Transitions(i, state)));
    }
  }
  families.push_back(std::move(states));
  families.push_back(std::move(moves));
}

void AddLimiter(const http::RateLimits& limits, Families& families) {
  const http::RateLimits::Sizes sizes = limits.sizes();
  const std::array<std::pair<const char*, const resilience::WindowTable::Size&>, 4> tables = {
      {{"addresses", sizes.addresses},
       {"auth_failures", sizes.auth_failures},
       {"clients", sizes.clients},
       {"tenants", sizes.tenants}}};
  Family windows{"portal_limiter_windows", "Clients, tenants and addresses with requests in their window",
                 Type::kGauge};
  std::size_t bytes = 0;
  std::uint64_t shared = 0;
  for (const auto& [name, size] : tables) {
    windows.Add({{"table", name}}, static_cast<double>(size.keys));
    bytes += size.bytes;
    shared += size.shared;
  }
  families.push_back(std::move(windows));
  families.push_back(
      Single("portal_limiter_bytes", "Memory of the rate limiter", Type::kGauge, static_cast<double>(bytes)));
  families.push_back(Single("portal_limiter_shared_total", "Requests counted together with strangers for want of room",
                            Type::kCounter, static_cast<double>(shared)));
}

void AddLinks(const service::LinkCounts& counts, Families& families) {
  families.push_back(Single("portal_signed_urls_created_total", "Signed URLs handed out", Type::kCounter,
                            static_cast<double>(counts.made())));
  Family refused{"portal_signed_urls_refused_total", "Signed URLs that were not served, by what was wrong",
                 Type::kCounter};
  for (std::size_t i = 0; i < service::kLinkRefusalNames.size(); ++i) {
    refused.Add({{"reason", std::string(service::kLinkRefusalNames[i])}}, static_cast<double>(counts.refused(i)));
  }
  families.push_back(std::move(refused));
}

void AddStorage(const StorageReading& reading, Families& families) {
  const auto bytes = [&](std::string_view name, std::string_view help, auto value) {
    families.push_back(Single(name, help, Type::kGauge, static_cast<double>(value)));
  };
  bytes("portal_database_bytes", "Size of the database file", reading.database_bytes);
  bytes("portal_wal_bytes", "Size of the database's write-ahead log", reading.wal_bytes);
  if (reading.blob_bytes) bytes("portal_blob_bytes", "Size of all tenants' files", *reading.blob_bytes);
  bytes("portal_disk_size_bytes", "Size of the file system that has the data", reading.disk_bytes);
  bytes("portal_disk_free_bytes", "What the portal may still write there", reading.free_bytes);
  families.push_back(Single("portal_storage_read_timestamp_seconds",
                            "When the disk last said these sizes, asked each second", Type::kGauge,
                            UnixSeconds(reading.at)));
}

void AddConnections(const net::Counts& counts, Families& families) {
  families.push_back(Single("portal_connections_open", "Connections of clients that are open", Type::kGauge,
                            static_cast<double>(counts.open())));
  families.push_back(Single("portal_connections_accepted_total", "Connections of clients that were accepted",
                            Type::kCounter, static_cast<double>(counts.accepted)));
  Family refused{"portal_connections_refused_total", "Connections that were hung up on, by the reason", Type::kCounter};
  for (std::size_t i = 0; i < net::kHangUps; ++i) {
    refused.Add({{"reason", std::string(net::kHangUpNames[i])}}, static_cast<double>(counts.hung_up[i]));
  }
  families.push_back(std::move(refused));
}

void AddBackup(const service::LastBackup& last, Families& families) {
  const auto good = last.ok ? std::optional(last.at) : last.last_good;
  if (good) {
    families.push_back(Single("portal_backup_last_success_timestamp_seconds", "When the last whole backup was made",
                              Type::kGauge, UnixSeconds(*good)));
  }
  families.push_back(
      Single("portal_backup_last_failed", "1 where the last backup failed", Type::kGauge, last.ok ? 0 : 1));
}

}  // namespace

metrics::Registry::Collector CollectorOf(Measured measured) {
  return [m = std::make_shared<const Measured>(std::move(measured))](Families& families) {
    m->pipeline.traffic().AddTo(families);
    metrics::AddServiceLevelFamilies(m->service_levels.Report(), families);
    AddBreakers(m->breakers, families);
    AddLimiter(m->limits, families);
    AddLinks(m->links.counts(), families);
    families.push_back(Single("portal_ready", "1 where /readyz says that the portal may get traffic", Type::kGauge,
                              m->readiness.ready() ? 1 : 0));
    if (const auto storage = m->storage.Latest()) {
      AddStorage(*storage, families);
      if (storage->last_backup) AddBackup(*storage->last_backup, families);
    }
    AddConnections(m->data_plane(), families);
    families.push_back(Single("portal_log_lines_dropped_total",
                              "Log lines that found the buffer full, or that could not be written", Type::kCounter,
                              static_cast<double>(m->logger.dropped())));
    if (const auto end = m->certificate_end()) {
      families.push_back(Single("portal_certificate_expiry_timestamp_seconds",
                                "When the certificate that is served ends", Type::kGauge, UnixSeconds(*end)));
    }
    metrics::AddProcessFamilies(m->started, families);
    metrics::AddBuildFamily(families);
  };
}

}  // namespace portal::app
