#include <vector>

#include "app/data_folder.h"
#include "base/clock.h"
#include "base/time_text.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/json_object.h"
#include "cli/text_table.h"
#include "crypto/key_file.h"
#include "crypto/key_rotation.h"

namespace portal::cli {
namespace {

using crypto::KeyRecord;

// Beyond the life of a URL: for portals that look at the keys a moment later, and clocks that differ a little.
constexpr std::chrono::minutes kGrace{1};

std::string_view StateOf(const KeyRecord& key, base::WallTime now) {
  if (!key.verify_until) return "signing";
  return now < *key.verify_until ? "verifying" : "ended";
}

int List(const KeysCommand& command, const app::DataFolder& folder, base::WallTime now, Console& console) {
  const auto keys = crypto::ReadKeyFile(folder.keys());
  if (!keys) return console.Fail(keys.error());
  JsonArray json;
  std::vector<std::vector<std::string>> rows = {{"KEY", "STATE", "CREATED", "VERIFIES UNTIL"}};
  for (const KeyRecord& key : *keys) {
    const std::string state(StateOf(key, now));
    JsonObject row;
    row.Text("id", key.id).Text("state", state).Time("created_at", key.created_at);
    json.Add(row.Time("verify_until", key.verify_until).Done());
    rows.push_back({key.id, state, base::FormatRfc3339(key.created_at),
                    key.verify_until ? base::FormatRfc3339(*key.verify_until) : "-"});
  }
  console.Data(command.json ? json.Line() : TextTable(rows));
  return kExitOk;
}

int Rotate(const KeysCommand& command, const app::DataFolder& folder, std::chrono::milliseconds url_life,
           base::WallTime now, Console& console) {
  const base::WallTime verify_until = now + command.overlap.value_or(url_life + kGrace);
  std::string retired, signing;
  const auto changed = crypto::ChangeKeyFile(folder.keys(), [&](std::vector<KeyRecord>& keys) -> base::Status {
    retired = keys.front().id;
    auto rotated = crypto::Rotate(keys, now, verify_until);
    signing = keys.front().id;
    return rotated;
  });
  if (!changed) return console.Fail(changed.error());
  if (command.json) {
    JsonObject json;
    json.Text("signing", signing).Text("retired", retired).Time("verify_until", verify_until);
    console.Data(json.Line());
  } else {
    console.Data(signing + "\n");
  }
  console.Message("key " + signing + " signs from now on; " + retired + " verifies until " +
                  base::FormatRfc3339(verify_until));
  return kExitOk;
}

int Revoke(const KeysCommand& command, const app::DataFolder& folder, base::WallTime now, Console& console) {
  std::vector<std::string> revoked;
  std::string signing;
  const auto changed = crypto::ChangeKeyFile(folder.keys(), [&](std::vector<KeyRecord>& keys) -> base::Status {
    if (command.all) {
      for (const KeyRecord& key : keys) revoked.push_back(key.id);
      crypto::RevokeAll(keys, now);
    } else {
      revoked.push_back(command.id);
      if (auto done = crypto::Revoke(keys, command.id, now); !done) return done;
    }
    signing = keys.front().id;
    return {};
  });
  if (!changed) return console.Fail(changed.error());
  JsonArray ids;
  for (const std::string& id : revoked) {
    ids.AddText(id);
    console.Message("key " + id + " revoked; URLs and cursors that it signed have ended");
  }
  if (command.json) console.Data(JsonObject().Json("revoked", ids.Done()).Text("signing", signing).Line());
  console.Message("key " + signing + " signs");
  return kExitOk;
}

}  // namespace

/// Without the store: a compromised key must be revocable when the database is in trouble, too.
int Keys(const KeysCommand& command, const config::Config& config, Console& console) {
  using Action = KeysCommand::Action;
  const auto folder = app::DataFolder::Open(config.data_dir, app::DataFolder::Create::kNo);
  if (!folder) return console.Fail(folder.error());
  const base::WallTime now = base::SystemClock().Wall();
  switch (command.action) {
    case Action::kList:
      return List(command, *folder, now, console);
    case Action::kRotate:
      return Rotate(command, *folder, config.signed_urls.ttl, now, console);
    case Action::kRevoke:
      return Revoke(command, *folder, now, console);
  }
  return kExitFailure;
}

}  // namespace portal::cli
