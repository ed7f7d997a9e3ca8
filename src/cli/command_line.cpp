#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "cli/command_tree.h"
#include "cli/exit_code.h"
#include "cli/words/families.h"
#include "cli/words/serve.h"
#include "config/keys.h"
#include "config/nearest.h"

namespace portal::cli {
namespace {

using config::Key;
using config::ValueType;

constexpr const char* kConfigGroup = "Configuration (each also as PORTAL_… and in the file)";

/// Collects what the parser finds.
struct Draft {
  std::vector<std::pair<const Key*, std::vector<std::string>>> flags;
  std::optional<std::string> config_file;
  ServeWords serve;
  bool version = false;
  VersionCommand version_command;
  CheckConfigCommand check_config;
  Words::Make chosen;
};

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

void AddCommands(Words& app, Draft& draft) {
  Words serve =
      app.Add("serve", "Answer requests; what happens without a command", [&draft] { return MakeServe(draft.serve); });
  for (Words* place : {&app, &serve}) AddServeWords(*place, draft.serve);
  Words check = app.Add("check-config", "Show every effective value and where it came from",
                        [&draft] { return draft.check_config; });
  check.Flag("--defaults", draft.check_config.defaults, "Print a commented file with every default instead");
  check.Json(draft.check_config.json);
  for (const auto add : kFamilies) add(app);
  Words version = app.Add("version", "Show what this binary is made of", [&draft] { return draft.version_command; });
  version.Json(draft.version_command.json);
  app.Flag("-V,--version", draft.version, "Like version");
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
  if (draft.version) {
    line.command = draft.version_command;
  } else if (draft.chosen) {
    auto made = draft.chosen();
    if (!made) return Usage(made.error());
    line.command = std::move(*made);
  } else {
    auto made = MakeServe(draft.serve);
    if (!made) return Usage(made.error());
    line.command = std::move(*made);
  }
  const auto* serve = std::get_if<ServeCommand>(&line.command);
  if (const std::string_view flag = AnyServeFlag(draft.serve); !serve && !flag.empty()) {
    return Usage(std::string(flag) + " goes with serve alone");
  }
  if (draft.config_file && draft.config_file->empty()) return Usage("--config: expected the path of a file");
  line.config_file = draft.config_file;
  for (auto& [key, values] : draft.flags) {
    if (values.empty()) continue;
    line.settings.push_back({std::string(key->name),
                             {config::RawValue::Form::kUntyped, std::move(values)},
                             {config::Origin::Layer::kFlag, "flag " + key->Flag()}});
    if (serve && serve->InMemory() && key->name == "data_dir") {
      return Usage(std::string(serve->test_mode ? "--test-mode" : "--ephemeral") +
                   " keeps its store in memory: leave --data-dir out");
    }
  }
  return line;
}

void Build(CLI::App& app, Draft& draft) {
  app.name("portal-appliance");
  app.description("The Portal API in one program: contacts, jobs and files for your clients");
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.allow_extras();
  app.get_formatter()->column_width(34);
  Words words(app, draft.chosen);
  AddCommands(words, draft);
  AddConfiguration(app, draft);
  app.footer("Every command takes the configuration flags too. `portal-appliance COMMAND --help` tells more.");
}

/// `TEXT:{csv,ndjson}` is how the parser tells that a word must be one of these.
std::vector<std::string> ChoicesOf(const std::string& type) {
  const std::size_t begin = type.find('{');
  const std::size_t end = type.find('}', begin);
  if (begin == std::string::npos || end == std::string::npos) return {};
  return CLI::detail::split(type.substr(begin + 1, end - begin - 1), ',');
}

WordDescription Describe(const CLI::Option& option) {
  WordDescription word;
  for (const std::string& name : option.get_snames()) word.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) word.names.push_back("--" + name);
  if (word.names.empty()) word.names.push_back(option.get_name(true));
  word.help = option.get_description();
  const std::string type = option.get_type_name();
  if (option.get_items_expected_max() > 0) word.placeholder = type.substr(0, type.find(':'));
  word.choices = ChoicesOf(type);
  word.repeats = option.get_items_expected_max() > 1;
  return word;
}

CommandDescription Describe(const CLI::App& app) {
  CommandDescription command{app.get_name(), app.get_description(), {}, {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    (option->get_positional() ? command.arguments : command.flags).push_back(Describe(*option));
  }
  for (const CLI::App* below : app.get_subcommands(nullptr)) command.commands.push_back(Describe(*below));
  return command;
}

}  // namespace

Word& Word::Required() {
  option_->required();
  return *this;
}

Word& Word::OneOf(const std::vector<std::string>& values) {
  option_->check(CLI::IsMember(values));
  return *this;
}

Word& Word::Between(std::size_t lowest, std::size_t highest) {
  option_->check(CLI::Range(lowest, highest));
  return *this;
}

Word& Word::Placeholder(const std::string& text) {
  option_->type_name(text);
  return *this;
}

Words Words::Family(const std::string& name, const std::string& help) {
  CLI::App* family = app_->add_subcommand(name, help);
  family->require_subcommand(1);
  return {*family, *chosen_};
}

Words Words::Add(const std::string& name, const std::string& help, Make make) {
  CLI::App* command = app_->add_subcommand(name, help);
  command->callback([command, chosen = chosen_, make = std::move(make)] {
    if (command->get_subcommands().empty()) *chosen = make;  // else one below it was given
  });
  return {*command, *chosen_};
}

template <typename T>
Word Words::Option(const std::string& name, T& target, const std::string& help) {
  return Word(*app_->add_option(name, target, help));
}
template Word Words::Option(const std::string&, std::string&, const std::string&);
template Word Words::Option(const std::string&, std::optional<std::string>&, const std::string&);
template Word Words::Option(const std::string&, std::vector<std::string>&, const std::string&);
template Word Words::Option(const std::string&, std::filesystem::path&, const std::string&);
template Word Words::Option(const std::string&, std::optional<std::filesystem::path>&, const std::string&);
template Word Words::Option(const std::string&, std::vector<std::filesystem::path>&, const std::string&);
template Word Words::Option(const std::string&, std::size_t&, const std::string&);

void Words::Flag(const std::string& name, bool& target, const std::string& help) { app_->add_flag(name, target, help); }

std::variant<CommandLine, Reply> ParseCommandLine(int argc, const char* const* argv) {
  // What follows belongs to another line, so the parser must not look at it.
  if (argc > 2 && std::string_view(argv[1]) == "completion" && std::string_view(argv[2]) == "candidates") {
    CommandLine line;
    line.command = CompleteWordsCommand{{argv + 3, argv + argc}};
    return line;
  }
  Draft draft;
  CLI::App app;
  Build(app, draft);
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

CommandDescription DescribeCommandLine() {
  Draft draft;
  CLI::App app;
  Build(app, draft);
  return Describe(app);
}

}  // namespace portal::cli
