#include "cli/main.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <exception>

#include "app/core_dumps.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "config/environment.h"
#include "crypto/sodium.h"

namespace portal::cli {
namespace {

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;  // clang 14 does not deduce it for an aggregate

int Dispatch(const Command& command, const config::Sources& sources, const config::Loaded& loaded, Console& console) {
  const config::Config& config = loaded.config;
  return std::visit(
      Overloaded{
          [&](const ServeCommand& serve) { return Serve(serve, config::SourcesForReload(sources, loaded), loaded); },
          [&](const CheckConfigCommand& check) { return CheckConfig(check, loaded, console); },
          [&](const VersionCommand& version) { return Version(version, console); },
          [&](const TenantCommand& tenant) { return Tenant(tenant, config, console); },
          [&](const ClientCommand& client) { return Client(client, config, console); },
          [&](const TokenCommand& token) { return Token(token, config, console); },
          [&](const AdminCommand& admin) { return Admin(admin, config, console); },
          [&](const KeysCommand& keys) { return Keys(keys, config, console); },
          [&](const ImportCommand& import) { return Import(import, config, console); },
          [&](const ImportTenantCommand& import) { return ImportTenant(import, config, console); },
          [&](const ExportCommand& exported) { return Export(exported, config, console); },
          [&](const FilePutCommand& file_put) { return FilePut(file_put, config, console); },
          [&](const FileListCommand& list) { return FileList(list, config, console); },
          [&](const FileRemoveCommand& remove) { return FileRemove(remove, config, console); },
          [&](const PurgeCommand& purge) { return Purge(purge, config, console); },
          [&](const BackupCommand& backup) { return Backup(backup, config, console); },
          [&](const RestoreCommand& restore) { return Restore(restore, config, console); },
          [&](const VerifyCommand& verify) { return Verify(verify, config, console); },
          [&](const DoctorCommand& doctor) { return Doctor(doctor, config, console); },
          [&](const LogsCommand& logs) { return Logs(logs, console); },
          [&](const SloCommand& slo) { return Slo(slo, config, console); },
          [&](const CompletionCommand& completion) { return Completion(completion, console); },
          [&](const CompleteWordsCommand& words) { return CompleteWords(words, console); },
      },
      command);
}

int Run(const CommandLine& line, Console& console) {
  // These help with a broken configuration, or want none, so it does not stop them.
  if (const auto* version = std::get_if<VersionCommand>(&line.command)) return Version(*version, console);
  if (const auto* check = std::get_if<CheckConfigCommand>(&line.command); check && check->defaults) {
    return CheckConfig(*check, {}, console);
  }
  if (const auto* logs = std::get_if<LogsCommand>(&line.command)) return Logs(*logs, console);
  if (const auto* completion = std::get_if<CompletionCommand>(&line.command)) return Completion(*completion, console);
  if (const auto* words = std::get_if<CompleteWordsCommand>(&line.command)) return CompleteWords(*words, console);
  config::Sources sources;
  sources.flags = line.settings;
  sources.config_flag = line.config_file;
  sources.environment = config::ProcessEnvironment();
  const auto loaded = config::Load(sources);
  if (!loaded) {
    for (const std::string& problem : loaded.error()) console.Error(problem);
    return kExitConfig;
  }
  return Dispatch(line.command, sources, *loaded, console);
}

int ParseAndRun(int argc, char** argv, Console& console) {
  const auto parsed = ParseCommandLine(argc, argv);
  if (const auto* line = std::get_if<CommandLine>(&parsed)) return Run(*line, console);
  const auto& reply = std::get<Reply>(parsed);
  if (reply.exit_code == kExitOk) {
    console.Data(reply.text);
  } else {
    console.Error(reply.text);
  }
  return reply.exit_code;
}

/// Where the caller closed a standard descriptor, the next file that is opened would take its number, and
/// messages would be written into it. What stands in for it refuses to be read or written, so that a lost
/// answer is still noticed.
void HoldStandardDescriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) < 0) static_cast<void>(::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY));
  }
}

}  // namespace

int Main(int argc, char** argv) {
  HoldStandardDescriptors();
  app::KeepMemoryOutOfCoreDumps();
  crypto::Initialize();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is a failed write, not a silent death
  std::signal(SIGXFSZ, SIG_IGN);  // so is a file that reached the limit set for the process
  Console console = Console::Standard();
  int exit_code = kExitFailure;
  try {
    exit_code = ParseAndRun(argc, argv, console);
  } catch (const std::exception& bug) {
    console.Error(std::string("this should not have happened, please report it: ") + bug.what());
  }
  if (!console.Flush() && exit_code == kExitOk) {
    console.Error("standard output cannot be written");
    exit_code = kExitFailure;
  }
  return exit_code;
}

}  // namespace portal::cli
