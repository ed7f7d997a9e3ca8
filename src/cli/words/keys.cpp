#include <chrono>
#include <memory>

#include "base/duration.h"
#include "cli/words/families.h"

namespace portal::cli {
namespace {

constexpr std::chrono::hours kLongestOverlap{24 * 30};

struct Given {
  KeysCommand command;
  std::optional<std::string> overlap;
};

tl::expected<Command, std::string> Make(Given& given, KeysCommand::Action action) {
  KeysCommand& command = given.command;
  command.action = action;
  if (given.overlap) {
    command.overlap = base::ParseDuration(*given.overlap);
    if (!command.overlap || *command.overlap > kLongestOverlap) {
      return tl::unexpected("--overlap: \"" + *given.overlap + "\" is no duration of at most 30d, as in 20m or 1h");
    }
  }
  if (action == KeysCommand::Action::kRevoke && command.all == !command.id.empty()) {
    return tl::unexpected(std::string("keys revoke: give one key's id, from `portal-appliance keys list`, or --all"));
  }
  return command;
}

}  // namespace

void AddKeysWords(Words& app) {
  using Action = KeysCommand::Action;
  const auto given = std::make_shared<Given>();
  KeysCommand& keys = given->command;
  Words family = app.Family("keys", "The keys that sign URLs and cursors; running portals follow at once");
  const auto add = [&](const std::string& name, const std::string& help, Action action) {
    Words command = family.Add(name, help, [given, action] { return Make(*given, action); });
    command.Json(keys.json);
    return command;
  };
  add("list", "Show the keys, but not their secrets", Action::kList);
  add("rotate", "Sign with a new key; what the old one signed stays good for a while", Action::kRotate)
      .Option("--overlap", given->overlap, "How long, as in 20m; by default signed_urls.ttl and a minute");
  Words revoke = add("revoke", "End a key and all that it signed, at once", Action::kRevoke);
  revoke.Option("ID", keys.id, "key_…, from the list");
  revoke.Flag("--all", keys.all, "Every key there is");
}

}  // namespace portal::cli
