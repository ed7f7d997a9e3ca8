#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <utility>

#include "base/duration.h"
#include "cli/exit_code.h"
#include "config/keys.h"
#include "config/nearest.h"

namespace portal::cli {
namespace {

using config::Key;
using config::ValueType;

constexpr const char* kConfigGroup = "Configuration (each also as PORTAL_… and in the file)";

/// Collects what the parser finds; `command` is set by the sub-command that was given.
struct Draft {
  std::vector<std::pair<const Key*, std::vector<std::string>>> flags;
  std::optional<std::string> config_file;
  bool seed = false;
  bool version = false;
  bool json = false;
  std::function<Command()> command;

  // What sub-commands share; each reads its own.
  TenantCommand tenant;
  ClientCommand client;
  TokenCommand token;
  ImportCommand import;
  FilePutCommand file_put;
  CheckConfigCommand check_config;
  std::optional<std::string> expires;
  std::string format;
  std::string on_error = "stop";
  std::string kind;
};

const std::vector<std::string> kFormats = {"csv", "ndjson"};
const std::vector<std::string> kOnError = {"stop", "skip"};
const std::vector<std::string> kKinds(model::kFileKindNames.begin(), model::kFileKindNames.end());

void AddConfiguration(CLI::App& app, Draft& draft) {
  app.add_option("--config", draft.config_file, "The configuration file, by default the one in /etc if it exists")
      ->type_name("FILE")
      ->group(kConfigGroup);
  draft.flags.reserve(config::Keys().size());
  for (const Key& key : config::Keys()) {
    auto& [bound, values] = draft.flags.emplace_back(&key, std::vector<std::string>{});
    std::string help(key.explanation);
    if (!key.default_value.empty()) help += " [" + std::string(key.default_value) + "]";
    auto* option = app.add_option(key.Flag(), values, help)->type_name(std::string(key.placeholder));
    option->expected(1)->allow_extra_args(false)->group(kConfigGroup);
    option->multi_option_policy(key.type == ValueType::kList ? CLI::MultiOptionPolicy::TakeAll
                                                             : CLI::MultiOptionPolicy::Throw);
  }
}

void AddJson(CLI::App& app, bool& json) { app.add_flag("--json", json, "Print JSON"); }

/// A sub-command that sets `draft.command` when it was given.
template <typename Make>
CLI::App* AddCommand(CLI::App& parent, const std::string& name, const std::string& help, Draft& draft, Make make) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->callback([&draft, make] { draft.command = make; });
  return command;
}

CLI::App* AddFamily(CLI::App& app, const std::string& name, const std::string& help) {
  CLI::App* family = app.add_subcommand(name, help);
  family->require_subcommand(1);
  return family;
}

void AddTenants(CLI::App& app, Draft& draft) {
  using Action = TenantCommand::Action;
  CLI::App* family = AddFamily(app, "tenant", "Companies whose data is kept apart");
  const auto add = [&](const std::string& name, const std::string& help, Action action) {
    auto* command = AddCommand(*family, name, help, draft, [&draft, action] {
      draft.tenant.action = action;
      return draft.tenant;
    });
    AddJson(*command, draft.tenant.json);
    return command;
  };
  auto* create = add("create", "Add a tenant", Action::kCreate);
  create->add_option("SLUG", draft.tenant.slug, "Its short name: 1 to 40 of a-z, 0-9 and -")->required();
  create->add_option("--name", draft.tenant.name, "Its full name; by default the slug");
  create->add_option("--bucket", draft.tenant.bucket,
                     "The first part of its signed URLs' paths; by default portal-files-SLUG");
  add("list", "Show every tenant", Action::kList);
  for (const auto& [name, help, action] :
       {std::tuple{"suspend", "Refuse all its tokens and signed URLs, until resumed", Action::kSuspend},
        std::tuple{"resume", "Let it in again", Action::kResume}}) {
    add(name, help, action)->add_option("SLUG", draft.tenant.slug, "The tenant's short name")->required();
  }
}

void AddClients(CLI::App& app, Draft& draft) {
  using Action = ClientCommand::Action;
  CLI::App* family = AddFamily(app, "client", "Programs that may ask for a tenant's data");
  const auto add = [&](const std::string& name, const std::string& help, Action action) {
    auto* command = AddCommand(*family, name, help, draft, [&draft, action] {
      draft.client.action = action;
      return draft.client;
    });
    AddJson(*command, draft.client.json);
    return command;
  };
  auto* create = add("create", "Add a client", Action::kCreate);
  create->add_option("--tenant", draft.client.tenant, "Whose data it sees")->required();
  create->add_option("--id", draft.client.id, "Its public name: 1 to 64 of A-Z, a-z, 0-9, _, . and -")->required();
  create->add_option("--name", draft.client.name, "What it is, for people; by default the id");
  add("list", "Show clients", Action::kList)->add_option("--tenant", draft.client.tenant, "Only this tenant's");
  add("revoke", "End a client with its tokens and signed URLs", Action::kRevoke)
      ->add_option("ID", draft.client.id, "The client")
      ->required();
}

void AddTokens(CLI::App& app, Draft& draft) {
  using Action = TokenCommand::Action;
  CLI::App* family = AddFamily(app, "token", "Secrets with which clients identify themselves");
  const auto add = [&](const std::string& name, const std::string& help, Action action) {
    auto* command = AddCommand(*family, name, help, draft, [&draft, action] {
      draft.token.action = action;
      return draft.token;
    });
    AddJson(*command, draft.token.json);
    return command;
  };
  auto* create = add("create", "Make a token and print it, this once", Action::kCreate);
  create->add_option("--client", draft.token.client, "Whose token")->required();
  create->add_option("--label", draft.token.label, "What it is for");
  create->add_option("--expires", draft.expires, "How long it works, as in 30d; by default until revoked");
  add("list", "Show tokens, but not their secrets", Action::kList)
      ->add_option("--tenant", draft.token.tenant, "Only this tenant's");
  add("revoke", "End a token", Action::kRevoke)->add_option("ID", draft.token.id, "tok_…, from the list")->required();
}

void AddImports(CLI::App& app, Draft& draft) {
  CLI::App* family = AddFamily(app, "import", "Read contacts or jobs from CSV or NDJSON");
  for (const auto& [name, columns, kind] :
       {std::tuple{"contacts", "id,name,email,phone,company,address,created_at,updated_at",
                   service::ImportKind::kContacts},
        std::tuple{"jobs", "id,title,status,contact_id,address,scheduled_at,completed_at,created_at,updated_at",
                   service::ImportKind::kJobs}}) {
    auto* command = AddCommand(
        *family, name, std::string("Add or replace by id. Columns: ") + columns, draft, [&draft, kind = kind] {
          draft.import.options.kind = kind;
          draft.import.options.on_bad_row =
              draft.on_error == "skip" ? service::OnBadRow::kSkip : service::OnBadRow::kStop;
          if (!draft.format.empty()) {
            draft.import.format = draft.format == "csv" ? service::ImportFormat::kCsv : service::ImportFormat::kNdjson;
          }
          return draft.import;
        });
    command->add_option("FILE", draft.import.file, "The file; - is standard input")->required();
    command->add_option("--tenant", draft.import.tenant, "Whose rows they are")->required();
    command->add_option("--format", draft.format, "By default the file's name tells, or its first byte")
        ->check(CLI::IsMember(kFormats));
    command->add_option("--on-error", draft.on_error, "What a bad row does [stop]")->check(CLI::IsMember(kOnError));
    command->add_option("--batch", draft.import.options.batch_rows, "Rows a transaction [10000]")
        ->check(CLI::Range(1, 1'000'000));
    command->add_flag("--ignore-unknown", draft.import.options.ignore_unknown_columns, "Skip columns of other names");
    command->add_flag("--quiet", draft.import.quiet, "No progress, only the summary");
    AddJson(*command, draft.import.json);
  }
}

void AddFilePut(CLI::App& app, Draft& draft) {
  CLI::App* family = AddFamily(app, "file", "Files of jobs");
  auto* put = AddCommand(*family, "put", "Add files, and what folders hold, to a job", draft, [&draft] {
    if (!draft.kind.empty()) draft.file_put.kind = model::ParseFileKind(draft.kind);
    return draft.file_put;
  });
  put->add_option("PATH", draft.file_put.paths, "Files and folders")->required();
  put->add_option("--tenant", draft.file_put.tenant, "Whose job it is")->required();
  put->add_option("--job", draft.file_put.job, "The job's id")->required();
  put->add_option("--kind", draft.kind, "By default the content tells")->check(CLI::IsMember(kKinds));
  put->add_flag("--quiet", draft.file_put.quiet, "Only the list of what is stored");
  AddJson(*put, draft.file_put.json);
}

void AddCommands(CLI::App& app, Draft& draft) {
  auto* serve = AddCommand(app, "serve", "Answer requests; what happens without a command", draft,
                           [&draft] { return ServeCommand{draft.seed}; });
  for (CLI::App* place : {&app, serve}) {
    place->add_flag("--seed", draft.seed, "Serve demo data, on this machine alone");
  }
  auto* check = AddCommand(app, "check-config", "Show every effective value and where it came from", draft,
                           [&draft] { return draft.check_config; });
  check->add_flag("--defaults", draft.check_config.defaults, "Print a commented file with every default instead");
  AddJson(*check, draft.check_config.json);
  AddTenants(app, draft);
  AddClients(app, draft);
  AddTokens(app, draft);
  AddImports(app, draft);
  AddFilePut(app, draft);
  auto* version = AddCommand(app, "version", "Show what this binary is made of", draft,
                             [&draft] { return VersionCommand{draft.json}; });
  AddJson(*version, draft.json);
  app.add_flag("-V,--version", draft.version, "Like version");
}

/// The deepest command that was given.
const CLI::App* Innermost(const CLI::App* app) {
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return app;
}

/// What one types to get there: `portal-appliance import contacts`.
std::string PathOf(const CLI::App* app) {
  return (app->get_parent() ? PathOf(app->get_parent()) + " " : "") + app->get_name();
}

std::vector<std::string> FlagsOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* at = &app; at; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::string Quoted(const std::string& text) { return "\"" + text + "\""; }

std::string DidYouMean(const std::string& text, const std::vector<std::string>& known, const std::string& otherwise) {
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  const std::string_view nearest = config::Nearest(text, candidates);
  return nearest.empty() ? otherwise : "Did you mean " + std::string(nearest) + "?";
}

Reply Usage(const std::string& message) { return {kExitUsage, message}; }

std::vector<std::string> CommandsOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  return names;
}

/// What was given and means nothing to anybody.
std::vector<std::string> Leftovers(const CLI::App& app) {
  std::vector<std::string> words = app.remaining(true);
  std::erase(words, "--");
  return words;
}

/// Names the first word that means nothing, and the nearest one that does.
Reply Unknown(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* innermost = Innermost(&app);
  const std::string see = "See " + PathOf(innermost) + " --help.";
  const std::string word = words.front().substr(0, words.front().find('='));
  if (word.starts_with('-')) {
    return Usage("there is no flag " + word + ". " + DidYouMean(word, FlagsOf(*innermost), see));
  }
  const std::vector<std::string> commands = CommandsOf(*innermost);
  if (commands.empty()) return Usage("unexpected argument " + Quoted(word) + ". " + see);
  return Usage("there is no command " + Quoted(word) + ". " + DidYouMean(word, commands, see));
}

/// Where the parser gave up, in our words where we have better ones.
Reply Refused(const CLI::App& app, const CLI::ParseError& error) {
  if (const auto rest = Leftovers(app); !rest.empty()) return Unknown(app, rest);
  const CLI::App* innermost = Innermost(&app);
  const std::vector<std::string> commands = CommandsOf(*innermost);
  if (innermost != &app && !commands.empty()) {
    std::string list;
    for (const std::string& name : commands) list += (list.empty() ? "" : ", ") + name;
    return Usage("say what to do: " + PathOf(innermost) + " takes one of " + list);
  }
  return Usage(std::string(error.what()) + ". See " + PathOf(innermost) + " --help.");
}

/// The arguments without the program's name, last first as the parser takes them. `--flag=` becomes two
/// words, since the parser would take the next argument for the missing value.
std::vector<std::string> Arguments(int argc, const char* const* argv) {
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    const bool empty_value = word.starts_with("--") && word.ends_with('=') && word.find('=') == word.size() - 1;
    if (empty_value) word.pop_back();
    words.push_back(std::move(word));
    if (empty_value) words.emplace_back();
  }
  std::ranges::reverse(words);
  return words;
}

std::variant<CommandLine, Reply> Finish(const CLI::App& app, Draft& draft) {
  if (const auto rest = Leftovers(app); !rest.empty()) return Unknown(app, rest);
  CommandLine line;
  if (draft.expires) {
    draft.token.expires_in = base::ParseDuration(*draft.expires);
    if (!draft.token.expires_in || draft.token.expires_in->count() <= 0 ||
        *draft.token.expires_in > std::chrono::hours{24} * 36'500) {
      return Usage("--expires: " + Quoted(*draft.expires) + " is no duration, expected one as in 30d or 12h");
    }
  }
  if (draft.version) {
    line.command = VersionCommand{draft.json};
  } else if (draft.command) {
    line.command = draft.command();
  } else {
    line.command = ServeCommand{draft.seed};
  }
  if (draft.seed && !std::holds_alternative<ServeCommand>(line.command)) {
    return Usage("--seed goes with serve alone");
  }
  if (draft.config_file && draft.config_file->empty()) return Usage("--config: expected the path of a file");
  line.config_file = draft.config_file;
  for (auto& [key, values] : draft.flags) {
    if (values.empty()) continue;
    line.settings.push_back({std::string(key->name),
                             {config::RawValue::Form::kUntyped, std::move(values)},
                             {config::Origin::Layer::kFlag, "flag " + key->Flag()}});
  }
  return line;
}

}  // namespace

std::variant<CommandLine, Reply> ParseCommandLine(int argc, const char* const* argv) {
  Draft draft;
  CLI::App app{"The Portal API in one program: contacts, jobs and files for your clients", "portal-appliance"};
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.allow_extras();
  app.get_formatter()->column_width(34);
  AddCommands(app, draft);
  AddConfiguration(app, draft);
  app.footer("Every command takes the configuration flags too. `portal-appliance COMMAND --help` tells more.");
  try {
    app.parse(Arguments(argc, argv));
  } catch (const CLI::CallForHelp&) {
    const CLI::App* innermost = Innermost(&app);
    return Reply{kExitOk, innermost->help(innermost == &app ? "" : PathOf(innermost->get_parent()))};
  } catch (const CLI::ParseError& error) {
    return Refused(app, error);
  }
  return Finish(app, draft);
}

}  // namespace portal::cli
