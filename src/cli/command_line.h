#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/raw_value.h"
#include "model/file.h"
#include "service/import.h"

namespace portal::cli {

struct ServeCommand {
  bool seed = false;
};

struct CheckConfigCommand {
  bool defaults = false;
  bool json = false;
};

struct VersionCommand {
  bool json = false;
};

struct TenantCommand {
  enum class Action { kCreate, kList, kSuspend, kResume };
  Action action = Action::kList;
  std::string slug;
  std::string name;    ///< empty: the slug
  std::string bucket;  ///< empty: `portal-files-` and the slug
  bool json = false;
};

struct ClientCommand {
  enum class Action { kCreate, kList, kRevoke };
  Action action = Action::kList;
  std::string tenant;
  std::string id;
  std::string name;  ///< empty: the id
  bool json = false;
};

struct TokenCommand {
  enum class Action { kCreate, kList, kRevoke };
  Action action = Action::kList;
  std::string tenant;  ///< empty on create and revoke: found by the client's or the token's id
  std::string client;
  std::string id;  ///< of the token to revoke
  std::string label;
  std::optional<std::chrono::milliseconds> expires_in;
  bool json = false;
};

struct ImportCommand {
  service::ImportOptions options;
  std::optional<service::ImportFormat> format;  ///< unset: by the name, else by the first byte
  std::string tenant;
  std::string file;  ///< `-` is standard input
  bool quiet = false;
  bool json = false;
};

struct FilePutCommand {
  std::string tenant;
  std::string job;
  std::optional<model::FileKind> kind;  ///< unset: by the content
  std::vector<std::filesystem::path> paths;
  bool quiet = false;
  bool json = false;
};

using Command = std::variant<ServeCommand, CheckConfigCommand, VersionCommand, TenantCommand, ClientCommand,
                             TokenCommand, ImportCommand, FilePutCommand>;

/// What was asked for, understood as far as the words themselves go.
struct CommandLine {
  Command command;
  std::vector<config::Setting> settings;  ///< configuration keys given as flags
  std::optional<std::string> config_file;
};

/// The line asks for help, or is wrong: what to print instead of doing anything.
struct Reply {
  int exit_code = 0;
  std::string text;  ///< help for stdout where exit_code is 0, else a line for stderr
};

/// Never prints and never exits.
std::variant<CommandLine, Reply> ParseCommandLine(int argc, const char* const* argv);

}  // namespace portal::cli
