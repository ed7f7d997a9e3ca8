#include "app/reloader.h"

#include <string>
#include <utility>

#include "config/keys.h"

namespace portal::app {
namespace {

bool IsTaken(const config::Key& key, const config::Config& running, const config::Config& wanted) {
  // Whether TLS is spoken at all, listeners have decided when they were bound.
  const bool switches_tls = running.tls.cert.empty() != wanted.tls.cert.empty();
  return key.reloads && !(switches_tls && key.name.starts_with("tls."));
}

void AppendName(std::string_view name, std::string& list) { list += (list.empty() ? "" : " ") + std::string(name); }

}  // namespace

Reloader::Reloader(config::Config running, Load load, Apply apply, base::Logger& logger)
    : running_(std::move(running)), load_(std::move(load)), apply_(std::move(apply)), logger_(logger) {}

void Reloader::Reload() {
  const auto wanted = load_();
  if (!wanted) {
    for (const std::string& problem : wanted.error()) logger_.Error("reload_failed", {{"detail", problem}});
    return;
  }
  config::Config next = running_;
  std::string changed, restart_needed;
  for (const config::Key& key : config::Keys()) {
    const auto value = key.read(*wanted);
    if (value == key.read(running_)) continue;
    const bool taken = IsTaken(key, running_, *wanted);
    AppendName(key.name, taken ? changed : restart_needed);
    // What a key shows, it takes: the tests of the keys hold them to it.
    if (taken) static_cast<void>(key.apply(value, next));
  }
  // Also where no key has changed: files that are only named in the configuration may have.
  if (const auto applied = apply_(next); !applied) {
    const base::Error& error = applied.error();
    if (error.internal.empty()) {
      logger_.Error("reload_failed", {{"detail", error.detail}});
    } else {
      logger_.Error("reload_failed", {{"detail", error.detail}, {"cause", error.internal}});
    }
    return;
  }
  running_ = std::move(next);
  logger_.Info("reloaded", {{"changed", changed}});
  if (!restart_needed.empty()) {
    logger_.Warning("restart_needed",
                    {{"changed", restart_needed}, {"detail", "these keys are read at the start only"}});
  }
}

}  // namespace portal::app
