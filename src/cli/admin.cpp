#include <unistd.h>

#include <array>
#include <string>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/json_object.h"
#include "cli/open_store.h"
#include "cli/typed_secret.h"
#include "service/operator_password.h"

namespace portal::cli {
namespace {

/// Never from an argument: arguments are in everybody's process list.
base::Result<std::string> ReadPassword(Console& console) {
  if (::isatty(STDIN_FILENO) == 1) return AskUnseenTwice("New password for the admin page:", console);
  std::string text;
  std::array<char, kMostSecretBytes> some{};
  while (text.size() < kMostSecretBytes && text.find('\n') == std::string::npos) {
    const ssize_t got = ::read(STDIN_FILENO, some.data(), some.size());
    if (got <= 0) break;
    text.append(some.data(), static_cast<std::size_t>(got));
  }
  return FirstLine(std::move(text));
}

int SetPassword(const AdminCommand& command, OpenedStore& store, Console& console) {
  const auto password = ReadPassword(console);
  if (!password) return console.Fail(password.error());
  if (const auto set = service::SetOperatorPassword(store.writer(), *password); !set) return console.Fail(set.error());
  if (command.json) console.Data(JsonObject().Boolean("password", true).Line());
  console.Message("the password is set; whoever had signed in with another one is signed out");
  return kExitOk;
}

int RemovePassword(const AdminCommand& command, OpenedStore& store, Console& console) {
  const auto removed = service::RemoveOperatorPassword(store.writer());
  if (!removed) return console.Fail(removed.error());
  if (command.json) console.Data(JsonObject().Boolean("password", false).Line());
  console.Message(*removed ? "the password is gone; tokens alone open the admin page" : "there was no password");
  return kExitOk;
}

}  // namespace

int Admin(const AdminCommand& command, const config::Config& config, Console& console) {
  using Action = AdminCommand::Action;
  auto store = OpenedStore::Open(config, app::DataFolder::Create::kNo);
  if (!store) return console.Fail(store.error());
  switch (command.action) {
    case Action::kSetPassword:
      return SetPassword(command, **store, console);
    case Action::kRemovePassword:
      return RemovePassword(command, **store, console);
  }
  return kExitFailure;
}

}  // namespace portal::cli
