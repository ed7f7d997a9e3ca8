#include "config/environment.h"

#include <unistd.h>

#include <algorithm>

#include "config/keys.h"
#include "config/nearest.h"

namespace portal::config {
namespace {

constexpr std::string_view kPrefix = "PORTAL_";

std::vector<std::string> SplitAtCommas(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    items.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

/// `PORTAL_PORT=tcp://…` and `PORTAL_PORT_3000_TCP_ADDR=…`: links to a service called "portal".
bool IsServiceLink(std::string_view name, std::string_view value) {
  static constexpr std::string_view kPort = "PORTAL_PORT_";
  return value.starts_with("tcp://") || value.starts_with("udp://") || value.starts_with("sctp://") ||
         (name.starts_with(kPort) && name.size() > kPort.size() && name[kPort.size()] >= '0' &&
          name[kPort.size()] <= '9');
}

/// The variable that was meant by an unknown one, or nothing where it looks like none: it is two edits from
/// a known one, or the tail of one (`PORTAL_LOOPS`), or begins with the same word (`PORTAL_NET_THREADS`).
std::string MeantVariable(std::string_view name) {
  const std::string_view rest = name.substr(kPrefix.size());
  const std::string_view first_word = rest.substr(0, rest.find('_'));
  std::vector<std::string> known;
  for (const Key& key : Keys()) known.push_back(key.Variable().substr(kPrefix.size()));
  known.emplace_back("CONFIG");
  const auto distance = [rest](const std::string& candidate) { return EditDistance(rest, candidate); };
  const std::string& nearest = *std::ranges::min_element(known, {}, distance);
  if (distance(nearest) <= 2) return std::string(kPrefix) + nearest;
  for (const std::string& candidate : known) {
    if (rest.size() >= 3 && candidate.ends_with("_" + std::string(rest))) return std::string(kPrefix) + candidate;
  }
  std::erase_if(known,
                [&](const std::string& candidate) { return candidate.substr(0, candidate.find('_')) != first_word; });
  if (known.empty()) return {};
  return std::string(kPrefix) + *std::ranges::min_element(known, {}, distance);
}

}  // namespace

EnvironmentLayer ReadEnvironment(std::span<const std::string> entries) {
  EnvironmentLayer layer;
  for (const std::string& entry : entries) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || !entry.starts_with(kPrefix)) continue;
    const std::string name = entry.substr(0, equals);
    const std::string value = entry.substr(equals + 1);
    if (name == "PORTAL_BACKUP_PASSPHRASE") continue;  // a secret of the commands that ask for one, and no setting
    if (name == "PORTAL_CONFIG") {
      layer.config_file = value;
      continue;
    }
    const auto key = std::ranges::find(Keys(), name, &Key::Variable);
    if (key != Keys().end()) {
      const bool list = key->type == ValueType::kList;
      layer.settings.push_back(
          {std::string(key->name),
           {RawValue::Form::kUntyped, list ? SplitAtCommas(value) : std::vector<std::string>{value}},
           {Origin::Layer::kEnvironment, "environment " + name}});
      continue;
    }
    if (IsServiceLink(name, value)) continue;
    if (const std::string meant = MeantVariable(name); !meant.empty()) {
      layer.problems.push_back("environment " + name + ": there is no such key. Did you mean " + meant + "?");
    }
  }
  return layer;
}

std::vector<std::string> ProcessEnvironment() {
  std::vector<std::string> entries;
  for (char** entry = environ; entry && *entry; ++entry) entries.emplace_back(*entry);
  return entries;
}

}  // namespace portal::config
