#include "app/run.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/app.h"
#include "app/demo.h"
#include "app/throw_away_folder.h"

namespace portal::app {
namespace {

void Complain(std::string_view message) {
  std::fprintf(stderr, "portal-appliance: %.*s\n", static_cast<int>(message.size()), message.data());
}

/// SIGTERM, SIGINT and a closed terminal, as something to wait for instead of something that interrupts.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    struct sigaction hang_up {};
    sigaction(SIGHUP, nullptr, &hang_up);
    if (hang_up.sa_handler != SIG_IGN) sigaddset(&set_, SIGHUP);  // else started by nohup
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  int Wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
    return signal;
  }
  /// From here on, another signal ends the process at once, without a drain.
  void EndProcessOnNext(std::filesystem::path folder_to_remove) const {
    std::thread([set = set_, folder = std::move(folder_to_remove)] {
      int signal = 0;
      sigwait(&set, &signal);
      std::error_code ignored;
      if (!folder.empty()) std::filesystem::remove_all(folder, ignored);
      _exit(128 + signal);
    }).detach();  // it waits for as long as the process lives
  }

 private:
  sigset_t set_;
};

base::Result<std::vector<net::Listener>> BindAll(const config::Config& config) {
  std::vector<net::Listener> listeners;
  for (const std::string& endpoint : config.listen) {
    auto listener = net::Listener::Bind(endpoint);
    if (!listener) return base::Fail(std::move(listener).error());
    listeners.push_back(*std::move(listener));
  }
  return listeners;
}

/// The file that tells whoever waits for it where the portal answers: whole or not there, and not there
/// when nobody answers.
class PortFile {
 public:
  explicit PortFile(std::filesystem::path path) : path_(std::move(path)) { Remove(); }
  ~PortFile() { Remove(); }
  PortFile(const PortFile&) = delete;

  base::Status Write(const std::vector<net::Listener>& listeners) const {
    if (path_.empty()) return {};
    const std::filesystem::path temporary = path_.string() + ".new";
    std::ofstream file(temporary, std::ios::trunc);
    for (const net::Listener& listener : listeners) file << listener.port() << "\n";
    file.close();
    std::error_code error;
    if (file) std::filesystem::rename(temporary, path_, error);
    if (!file || error) {
      return base::Fail(base::ErrorCode::kUnavailable, "Cannot write port_file " + path_.string() +
                                                           "; name a file in a folder that can be written to");
    }
    return {};
  }

 private:
  void Remove() const {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(path_, ignored)) std::filesystem::remove(path_, ignored);
  }

  const std::filesystem::path path_;
};

}  // namespace

RunOutcome Run(const config::Config& config, const RunOptions& options) {
  const auto fail = [](RunOutcome outcome, const base::Error& error) {
    // Whoever starts the portal may know what a client may not.
    Complain(error.internal.empty() ? error.detail : error.detail + " (" + error.internal + ")");
    return outcome;
  };
  const StopSignals stop_signals;  // before any thread exists
  const base::SystemClock clock;
  base::Logger logger(clock, STDERR_FILENO, config.log.level);

  std::optional<ThrowAwayFolder> throw_away;
  if (options.seed && !options.data_dir_given) {
    auto made = ThrowAwayFolder::Make();
    if (!made) return fail(RunOutcome::kNoStore, made.error());
    throw_away.emplace(*std::move(made));
  }
  auto folder = DataFolder::Open(throw_away ? throw_away->path() : config.data_dir, DataFolder::Create::kYes);
  if (!folder) return fail(RunOutcome::kNoStore, folder.error());
  if (options.seed || HoldsDemoData(*folder)) {
    if (auto loopback = CheckDemoListens(config); !loopback) return fail(RunOutcome::kBadConfig, loopback.error());
  }
  bool to_be_seeded = false;
  if (options.seed) {
    const auto examined = ExamineDemoFolder(*folder);
    if (!examined) return fail(RunOutcome::kBadConfig, examined.error());
    to_be_seeded = *examined == DemoFolder::kEmpty;
  }

  // Bound before the store is opened: a second instance fails before it touches any data.
  auto listeners = BindAll(config);
  if (!listeners) return fail(RunOutcome::kCannotBind, listeners.error());
  const std::string address = listeners->front().address();

  auto parts = OpenParts(config, *folder, throw_away ? Keeping::kThrowAway : Keeping::kDurable, clock, logger);
  if (!parts) return fail(RunOutcome::kNoStore, parts.error());
  if (to_be_seeded) {
    if (auto seeded = Seed(*folder, *parts); !seeded) return fail(RunOutcome::kNoStore, seeded.error());
  }
  const PortFile port_file(config.port_file);
  if (auto written = port_file.Write(*listeners); !written) {
    return fail(RunOutcome::kBadConfig, written.error());
  }
  for (const net::Listener& listener : *listeners) logger.Info("listening", {{"address", listener.address()}});

  App app(config, *std::move(parts), *std::move(listeners), clock, logger);
  if (options.seed) {
    std::fputs(DemoWelcome(address, throw_away.has_value()).c_str(), stdout);
    std::fflush(stdout);
  }
  const int signal = stop_signals.Wait();
  stop_signals.EndProcessOnNext(throw_away ? throw_away->path() : std::filesystem::path{});
  logger.Info("draining", {{"signal", std::int64_t{signal}}});
  app.Drain();
  logger.Info("stopped");
  return RunOutcome::kStopped;
}

}  // namespace portal::app
