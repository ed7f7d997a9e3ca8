#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "cli/console.h"
#include "cli/log_filter.h"
#include "config/load.h"
#include "model/budgets.h"
#include "model/file.h"
#include "model/scopes.h"
#include "service/import/import.h"

namespace portal::cli {

struct ServeCommand {
  bool seed = false;
  bool ephemeral = false;
  bool exit_with_parent = false;
  std::filesystem::path ready_file;  ///< empty: none
  bool test_mode = false;
  std::optional<std::uint64_t> random_seed;  ///< in test mode alone
  std::optional<base::WallTime> clock;       ///< in test mode alone: when it starts

  /// Whether the store is in memory whatever the configuration says.
  bool InMemory() const { return ephemeral || test_mode; }
};

struct CheckConfigCommand {
  bool defaults = false;
  bool json = false;
};

struct VersionCommand {
  bool json = false;
};

struct TenantCommand {
  enum class Action { kCreate, kList, kSuspend, kResume, kDelete, kQuota, kBudget };
  Action action = Action::kList;
  std::string slug;
  std::string name;                           ///< empty: the slug
  std::string bucket;                         ///< empty: `portal-files-` and the slug
  std::optional<std::int64_t> quota_bytes{};  ///< of kQuota; unset: none
  model::BudgetChange budgets{};              ///< of kBudget: of all its clients together
  bool confirm = false;                       ///< of kDelete
  bool json = false;
};

struct ClientCommand {
  enum class Action { kCreate, kList, kRevoke, kDelete, kBudget };
  Action action = Action::kList;
  std::string tenant;
  std::string id;
  std::string name;               ///< empty: the id
  model::BudgetChange budgets{};  ///< of kBudget
  bool json = false;
};

struct TokenCommand {
  enum class Action { kCreate, kList, kRevoke };
  Action action = Action::kList;
  std::string tenant;  ///< empty on create and revoke: found by the client's or the token's id
  std::string client;
  bool for_operator = false;  ///< in place of a client
  std::string id;             ///< of the token to revoke
  std::string label;
  model::Scopes scopes;
  std::optional<std::chrono::milliseconds> expires_in;
  bool json = false;
};

struct AdminCommand {
  enum class Action { kSetPassword, kRemovePassword };
  Action action = Action::kSetPassword;
  bool json = false;
};

struct KeysCommand {
  enum class Action { kList, kRotate, kRevoke };
  Action action = Action::kList;
  std::optional<std::chrono::milliseconds> overlap;  ///< unset: the life of a URL and a minute
  std::string id;                                    ///< of the key to revoke; empty: all
  bool all = false;
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

struct ImportTenantCommand {
  std::string tenant;  ///< the short name of the new one
  std::string bucket;  ///< empty: `portal-files-` and the short name
  std::string file;    ///< `-` is standard input
  bool quiet = false;
  bool json = false;
};

struct ExportCommand {
  std::string tenant;
  std::optional<std::string> output;  ///< unset: standard output
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

struct FileListCommand {
  std::string tenant;
  std::string job;
  bool json = false;
};

struct FileRemoveCommand {
  std::string tenant;
  std::string job;
  std::vector<std::string> files;  ///< names, or ids
  bool json = false;
};

struct PurgeCommand {
  bool all = false;  ///< without regard to the retention
  bool quiet = false;
  bool json = false;
};

struct BackupCommand {
  bool list = false;                  ///< show what is there instead
  std::filesystem::path destination;  ///< empty: backup.dir
  std::size_t keep = 0;               ///< 0: all
  bool deep = false;
  bool with_keys = false;
  std::optional<std::filesystem::path> passphrase_file;
  bool quiet = false;
  bool json = false;
};

struct RestoreCommand {
  std::filesystem::path source;
  bool latest = false;
  bool confirm = false;
  bool dry_run = false;
  bool with_keys = false;
  std::optional<std::filesystem::path> passphrase_file;
  bool quiet = false;
  bool json = false;
};

struct CompletionCommand {
  enum class Shell { kBash, kZsh, kFish };
  Shell shell = Shell::kBash;
};

/// What a shell asks: which words could be where the cursor is.
struct CompleteWordsCommand {
  std::vector<std::string> words;  ///< behind the program's name, up to the cursor
};

struct VerifyCommand {
  bool deep = false;
  bool fix = false;
  bool quiet = false;
  bool json = false;
};

struct DoctorCommand {
  bool json = false;
};

struct LogsCommand {
  std::string file = "-";  ///< `-` is standard input
  LogFilter filter;
};

struct SloCommand {
  std::optional<std::string> url;    ///< unset: where control.listen says
  std::optional<std::string> token;  ///< unset: PORTAL_TOKEN
  bool json = false;
};

/// What the command line asks for, one of these.
using Command =
    std::variant<ServeCommand, CheckConfigCommand, VersionCommand, TenantCommand, ClientCommand, TokenCommand,
                 AdminCommand, KeysCommand, ImportCommand, ImportTenantCommand, ExportCommand, FilePutCommand,
                 FileListCommand, FileRemoveCommand, PurgeCommand, BackupCommand, RestoreCommand, VerifyCommand,
                 DoctorCommand, LogsCommand, SloCommand, CompletionCommand, CompleteWordsCommand>;

// One function a sub-command, each in a file of its name. They return the process's exit code.

/// `sources` are read anew when the portal is told so.
int Serve(const ServeCommand& command, const config::Sources& sources, const config::Loaded& loaded);
int CheckConfig(const CheckConfigCommand& command, const config::Loaded& loaded, Console& console);
int Version(const VersionCommand& command, Console& console);
int Tenant(const TenantCommand& command, const config::Config& config, Console& console);
int Client(const ClientCommand& command, const config::Config& config, Console& console);
int Token(const TokenCommand& command, const config::Config& config, Console& console);
int Admin(const AdminCommand& command, const config::Config& config, Console& console);
int Keys(const KeysCommand& command, const config::Config& config, Console& console);
int Import(const ImportCommand& command, const config::Config& config, Console& console);
int ImportTenant(const ImportTenantCommand& command, const config::Config& config, Console& console);
int Export(const ExportCommand& command, const config::Config& config, Console& console);
int FilePut(const FilePutCommand& command, const config::Config& config, Console& console);
int FileList(const FileListCommand& command, const config::Config& config, Console& console);
int FileRemove(const FileRemoveCommand& command, const config::Config& config, Console& console);
int Purge(const PurgeCommand& command, const config::Config& config, Console& console);
int Backup(const BackupCommand& command, const config::Config& config, Console& console);
int Restore(const RestoreCommand& command, const config::Config& config, Console& console);
int Verify(const VerifyCommand& command, const config::Config& config, Console& console);
int Doctor(const DoctorCommand& command, const config::Config& config, Console& console);
int Logs(const LogsCommand& command, Console& console);
int Slo(const SloCommand& command, const config::Config& config, Console& console);
int Completion(const CompletionCommand& command, Console& console);
int CompleteWords(const CompleteWordsCommand& command, Console& console);

}  // namespace portal::cli
