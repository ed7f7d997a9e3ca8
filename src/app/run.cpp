#include "app/run.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "app/announced_file.h"
#include "app/announcements.h"
#include "app/app.h"
#include "app/demo.h"
#include "app/heartbeat.h"
#include "app/parent_watch.h"
#include "app/service_manager.h"
#include "app/signals.h"
#include "app/throw_away_folder.h"
#include "base/time_text.h"
#include "service/demo/demo_data.h"

namespace portal::app {
namespace {

/// Why the portal does not serve.
struct Refusal {
  RunOutcome outcome;
  base::Error error;
};
using Refused = tl::unexpected<Refusal>;

Refused Refuse(RunOutcome outcome, base::Error error) { return Refused(Refusal{outcome, std::move(error)}); }

/// Whoever starts the portal may know what a client may not.
RunOutcome Complain(const Refusal& refusal) {
  const base::Error& error = refusal.error;
  const std::string message = error.internal.empty() ? error.detail : error.detail + " (" + error.internal + ")";
  std::fprintf(stderr, "portal-appliance: %s\n", message.c_str());
  return refusal.outcome;
}

/// Connections are descriptors; the usual soft limit of 1024 is for programs that use select(2).
void RaiseDescriptorLimit() {
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return;
  descriptors.rlim_cur = descriptors.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &descriptors));
}

/// Where the data is, and whose.
struct Place {
  std::optional<ThrowAwayFolder> throw_away;
  DataFolder folder;
  bool has_demo_data = false;  ///< its tokens are known to everybody
  bool to_be_seeded = false;   ///< with demo data, before anything is served
};

tl::expected<Place, Refusal> OpenPlace(const config::Config& config, const RunOptions& options) {
  std::optional<ThrowAwayFolder> throw_away;
  if (options.in_memory) {
    auto made = ThrowAwayFolder::Make();
    if (!made) return Refuse(RunOutcome::kNoStore, std::move(made).error());
    throw_away.emplace(*std::move(made));
  }
  auto folder = DataFolder::Open(throw_away ? throw_away->path() : config.data_dir, DataFolder::Create::kYes);
  if (!folder) return Refuse(RunOutcome::kNoStore, std::move(folder).error());
  Place place{std::move(throw_away), *std::move(folder)};
  place.has_demo_data = options.seed || HoldsDemoData(place.folder);
  if (options.seed) {
    const auto examined = ExamineDemoFolder(place.folder);
    if (!examined) return Refuse(RunOutcome::kBadConfig, examined.error());
    place.to_be_seeded = *examined == DemoFolder::kEmpty;
  }
  return place;
}

/// Whether it was said wrongly, or cannot be done.
RunOutcome OutcomeOf(const base::Error& error, RunOutcome otherwise) {
  return error.code == base::ErrorCode::kValidation ? RunOutcome::kBadConfig : otherwise;
}

std::span<const net::Listener> ControlOf(const Listeners& listeners) {
  if (!listeners.control_plane) return {};
  return {&*listeners.control_plane, 1};
}

tl::expected<Listeners, Refusal> Bind(const config::Config& config, const RunOptions& options,
                                      std::vector<net::InheritedSocket> inherited, bool demo) {
  auto data_plane = BindAll(config, options.listen, std::move(inherited));
  if (!data_plane) return Refuse(OutcomeOf(data_plane.error(), RunOutcome::kCannotBind), data_plane.error());
  auto control_plane = BindControl(config, options.control_listen);
  if (!control_plane) return Refuse(OutcomeOf(control_plane.error(), RunOutcome::kCannotBind), control_plane.error());
  Listeners listeners{*std::move(data_plane), *std::move(control_plane)};
  if (options.test_mode && !listeners.control_plane) {
    return Refuse(RunOutcome::kBadConfig,
                  {base::ErrorCode::kValidation,
                   "--test-mode is driven over the control plane: set control.listen, as in 127.0.0.1:0",
                   {},
                   {}});
  }
  if (!demo && !options.test_mode) return listeners;
  const std::string_view what = options.test_mode ? kTestModeOnLoopback : kDemoOnLoopback;
  auto local = CheckLoopback(listeners.data_plane, what);
  if (local) local = CheckLoopback(ControlOf(listeners), what);
  if (!local) return Refuse(RunOutcome::kBadConfig, local.error());
  listeners.for_this_machine = true;
  return listeners;
}

tl::expected<Parts, Refusal> OpenSeededParts(const config::Config& config, const Place& place, const base::Clock& clock,
                                             base::Logger& logger, TestMode* test_mode) {
  const Keeping keeping = place.throw_away ? Keeping::kThrowAway : Keeping::kDurable;
  auto parts = OpenParts(config, place.folder, keeping, clock, logger, test_mode);
  if (!parts) return Refuse(OutcomeOf(parts.error(), RunOutcome::kNoStore), parts.error());
  base::Status ready;
  if (place.to_be_seeded) {
    ready = Seed(place.folder, *parts);
  } else if (test_mode != nullptr) {
    ready = service::SeedDemoOperator(*parts->database);
  }
  if (ready && test_mode != nullptr) ready = test_mode->Remember(*parts->database, parts->folder);
  if (!ready) return Refuse(RunOutcome::kNoStore, ready.error());
  return *std::move(parts);
}

std::string StatusLine(const App& app) {
  const net::Counts counts = app.Counts();
  std::string line =
      std::to_string(counts.open()) + " connections from " + std::to_string(counts.addresses) + " addresses";
  if (const auto end = app.CertificateEnd()) line += ", certificate until " + base::FormatRfc3339(*end);
  return line;
}

// How much longer than it may take a drain is waited for: its end is a matter of milliseconds, unless a thread is
// stuck.
constexpr std::chrono::seconds kOverdue{5};
// For what waits to be logged when the process is ended at once.
constexpr std::chrono::seconds kLastWords{1};

/// Those that everybody knows.
std::span<const service::DemoToken> TokensOf(const Place& place, bool test_mode) {
  const std::span<const service::DemoToken> all = service::kDemoTokens;
  if (place.has_demo_data) return all;
  return test_mode ? all.last(1) : all.first(0);  // the operator's
}

/// Serves and reloads as it is told; returns the signal that ends it.
int ServeUntilStopped(App& app, Reloader& reloader, Signals& signals, const ServiceManager& manager,
                      const base::Clock& clock, base::Logger& logger) {
  manager.Ready();
  const Heartbeat heartbeat(
      manager, logger, [&] { return app.Beat(); }, [&] { return StatusLine(app); });
  while (true) {
    const Signals::Order order = signals.Wait();
    if (order.kind == Signals::Order::Kind::kStop) return order.signal;
    manager.Reloading(clock.Monotonic());
    reloader.Reload();
    manager.Ready();
  }
}

/// The control plane's first: whoever waits for port_file finds both.
base::Status WritePorts(const Listeners& listeners, AnnouncedFile& control_port_file, AnnouncedFile& port_file) {
  if (listeners.control_plane) {
    if (auto written = control_port_file.Write(PortLines(ControlOf(listeners))); !written) return written;
  }
  return port_file.Write(PortLines(listeners.data_plane));
}

void LogStart(const Listeners& listeners, bool test_mode, base::Logger& logger) {
  const auto log = [&](const net::Listener& listener, std::string_view event) {
    logger.Info(event, {{"address", listener.address()}, {"scheme", listener.secure() ? "https" : "http"}});
  };
  for (const net::Listener& listener : listeners.data_plane) log(listener, "listening");
  for (const net::Listener& listener : ControlOf(listeners)) log(listener, "control_listening");
  if (test_mode) {
    logger.Warning("test_mode", {{"detail",
                                  "Whoever has an operator's token moves the clock, injects faults and empties "
                                  "the store; the store is in memory. For tests alone"}});
  }
}

RunOutcome Serve(const config::Config& config, const RunOptions& options) {
  auto inherited = net::TakeInheritedSockets();  // before anything opens a descriptor
  if (!inherited) return Complain({RunOutcome::kBadConfig, inherited.error()});
  const auto manager = ServiceManager::FromEnvironment();
  if (!manager) return Complain({RunOutcome::kBadConfig, manager.error()});
  RaiseDescriptorLimit();
  Signals signals;  // before any other thread exists
  if (options.exit_with_parent) {
    if (const auto watched = EndWithParent(); !watched) return Complain({RunOutcome::kBadConfig, watched.error()});
  }
  const base::SystemClock machine;
  std::optional<TestMode> test_mode;  // before anything is drawn at random
  if (options.test_mode) test_mode.emplace(*options.test_mode);
  TestMode* const testing = test_mode ? &*test_mode : nullptr;
  const base::Clock& clock = testing != nullptr ? testing->clock() : machine;
  base::Logger logger(clock, STDERR_FILENO, config.log.level);
  const Signals::LastWords last_words(signals, [&logger] { logger.Flush(kLastWords); });

  auto place = OpenPlace(config, options);
  if (!place) return Complain(place.error());
  if (place->throw_away) {
    signals.TakeAlong([folder = place->throw_away->path()] {
      std::error_code ignored;
      std::filesystem::remove_all(folder, ignored);
    });
  }
  // Bound before the store is opened: a second instance fails before it touches any data.
  auto listeners = Bind(config, options, *std::move(inherited), place->has_demo_data);
  if (!listeners) return Complain(listeners.error());
  AnnouncedFile ready_file("--ready-file", options.ready_file);
  auto parts = OpenSeededParts(config, *place, clock, logger, testing);
  if (!parts) return Complain(parts.error());
  signals.Serving();  // whoever reads the port file may send a signal at once
  AnnouncedFile port_file("port_file", config.port_file);
  AnnouncedFile control_port_file("control.port_file", config.control.port_file);
  base::Status written = WritePorts(*listeners, control_port_file, port_file);
  if (!written) return Complain({RunOutcome::kBadConfig, written.error()});
  signals.TakeAlong(port_file.Removal());
  signals.TakeAlong(control_port_file.Removal());
  LogStart(*listeners, testing != nullptr, logger);
  const std::string ready = ReadyLine(*listeners, TokensOf(*place, options.test_mode.has_value()));
  const std::string welcome =
      options.seed ? DemoWelcome(*listeners, place->throw_away.has_value(), testing != nullptr) : "";

  App app(config, *std::move(parts), *std::move(listeners), clock, logger, testing);
  if (testing != nullptr) testing->NoteStart();
  Reloader reloader(
      config, options.reload, [&](const config::Config& next) { return app.Reload(next); }, logger);
  written = ready_file.Write(ready);
  if (!written) return Complain({RunOutcome::kBadConfig, written.error()});
  signals.TakeAlong(ready_file.Removal());
  std::fputs(welcome.c_str(), stdout);
  std::fflush(stdout);
  const int signal = ServeUntilStopped(app, reloader, signals, *manager, machine, logger);
  manager->Stopping();
  signals.EndProcessAfter(config.net.drain_timeout + kOverdue);
  logger.Info("draining", {{"signal", std::int64_t{signal}}});
  app.Drain();
  logger.Info("stopped");
  return RunOutcome::kStopped;
}

/// What the kernel refuses when a process has as much of it as it may.
bool IsAboutResources(const std::error_code& code) {
  return code == std::errc::resource_unavailable_try_again || code == std::errc::too_many_files_open ||
         code == std::errc::too_many_files_open_in_system || code == std::errc::not_enough_memory;
}

}  // namespace

RunOutcome Run(const config::Config& config, const RunOptions& options) {
  try {
    return Serve(config, options);
  } catch (const std::system_error& refused) {
    if (!IsAboutResources(refused.code())) throw;
    return Complain({RunOutcome::kNoResources,
                     {base::ErrorCode::kUnavailable,
                      "The kernel gives this process no more threads, file descriptors or memory: raise TasksMax=, "
                      "LimitNPROC=, LimitNOFILE= or MemoryMax=, or lower net.loops and net.pool_threads",
                      refused.what(),
                      {}}});
  }
}

}  // namespace portal::app
