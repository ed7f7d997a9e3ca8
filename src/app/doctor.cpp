#include "app/doctor.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>

#include "base/duration.h"
#include "base/time_text.h"
#include "base/version.h"
#include "net/tls_context.h"
#include "service/backup/backup_status.h"

namespace portal::app {
namespace {

using State = Diagnosis::State;

constexpr std::chrono::days kCertificateWarning{30};
constexpr std::chrono::days kOldBackup{7};
constexpr std::chrono::minutes kClockSlack{5};
constexpr rlim_t kFewDescriptors = 4'096;

std::string Days(std::chrono::milliseconds duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::days>(duration).count()) + " days";
}

/// Times that cannot be: before the program was built, or before a file of the store was written.
Diagnosis Clock(const config::Config& config, base::WallTime now) {
  const std::string said = "the clock says " + base::FormatRfc3339(now);
  const std::string remedy = "set the clock, and let NTP keep it: tokens, signed URLs and backups go by it";
  const auto built = base::ParseRfc3339(base::kBuild.date);
  if (built && now < *built) {
    return {"clock", State::kBad, said + ", before this program was built", remedy};
  }
  struct stat info {};
  for (const char* name : {"portal.db", "portal.db-wal", "last-backup.json"}) {
    if (::stat((config.data_dir / name).c_str(), &info) != 0) continue;
    if (base::WallTime(std::chrono::seconds(info.st_mtime)) <= now + kClockSlack) continue;
    return {"clock", State::kBad, said + ", and " + name + " was written later than that", remedy};
  }
  return {"clock", State::kGood, said, ""};
}

Diagnosis Certificate(const config::Config& config, const base::Clock& clock) {
  if (config.tls.cert.empty()) return {"certificate", State::kGood, "none is configured", ""};
  const auto loaded = net::TlsContext::Load(config.tls.cert, config.tls.key, std::make_shared<net::TlsLibraries>(1),
                                            std::make_shared<net::TlsTicketKeys>(clock), clock);
  if (!loaded) {
    return {"certificate", State::kBad, loaded.error().detail,
            "correct tls.cert and tls.key; check-config says when they fit"};
  }
  const auto left = (*loaded)->not_after() - clock.Wall();
  const std::string found = (*loaded)->name() + ", valid until " + base::FormatRfc3339((*loaded)->not_after());
  if (left <= std::chrono::milliseconds{0}) {
    return {"certificate", State::kBad, found + ": it has expired", "replace it and send SIGHUP"};
  }
  if (left < kCertificateWarning) {
    return {"certificate", State::kWarning, found + ": " + Days(left) + " are left", "renew it and send SIGHUP"};
  }
  if (const auto& warning = (*loaded)->warning()) return {"certificate", State::kWarning, *warning, "renew it"};
  return {"certificate", State::kGood, found, ""};
}

Diagnosis Descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::string found =
      "a process may open " +
      (limit.rlim_max == RLIM_INFINITY ? std::string("any number of") : std::to_string(limit.rlim_max)) + " files";
  if (limit.rlim_max >= kFewDescriptors) return {"descriptors", State::kGood, found, ""};
  return {"descriptors", State::kWarning, found + ", and each connection is one",
          "raise LimitNOFILE= of the service, or ulimit -n"};
}

Diagnosis Backups(const config::Config& config, base::WallTime now) {
  const std::string remedy = config.backup.every.count() > 0
                                 ? "look for backup_failed in the log, and at backup.dir"
                                 : "portal-appliance backup DEST, or set backup.dir and backup.every";
  const auto read = service::ReadLastBackup(config.data_dir);
  if (!read) return {"backup", State::kWarning, read.error().detail, remedy};
  if (!*read) return {"backup", State::kWarning, "none was ever made of this data folder", remedy};
  const service::LastBackup& last = **read;
  const std::string when = "the last one was tried at " + base::FormatRfc3339(last.at);
  if (!last.ok) return {"backup", State::kBad, when + " and failed: " + last.reason, remedy};
  const auto most = std::max<std::chrono::milliseconds>(
      2 * config.backup.every, config.backup.every.count() > 0 ? config.backup.every : kOldBackup);
  if (now - last.at > most) return {"backup", State::kWarning, when + ", " + Days(now - last.at) + " ago", remedy};
  return {"backup", State::kGood, when + " and is whole", ""};
}

/// What is allowed, and is likely not meant.
Diagnoses Settings(const config::Config& config) {
  Diagnoses found;
  const bool local = std::ranges::all_of(config.listen, [](const std::string& entry) {
    return entry.find("127.") != std::string::npos || entry.find("[::1]") != std::string::npos ||
           entry.find("unix:") != std::string::npos;
  });
  if (!local && config.public_url.empty()) {
    found.push_back({"settings", State::kWarning, "clients connect from elsewhere and public_url is not set",
                     "set public_url: signed URLs then name the host that clients know, not whatever Host they sent"});
  }
  if (!local && config.tls.cert.empty()) {
    found.push_back({"settings", State::kWarning, "clients connect from elsewhere without TLS",
                     "set tls.cert and tls.key, or listen on 127.0.0.1 behind a proxy that has TLS"});
  }
  if (found.empty()) found.push_back({"settings", State::kGood, "nothing that looks like a slip", ""});
  return found;
}

}  // namespace

Diagnoses Diagnose(const config::Config& config, const base::Clock& clock) {
  Diagnoses all;
  const auto take = [&](Diagnoses some) { std::ranges::move(some, std::back_inserter(all)); };
  take(DiagnoseFolder(config));
  take(DiagnoseDisk(config));
  take({Clock(config, clock.Wall()), Certificate(config, clock)});
  take(DiagnosePorts(config));
  take(Settings(config));
  take({Descriptors(), Backups(config, clock.Wall())});
  return all;
}

}  // namespace portal::app
