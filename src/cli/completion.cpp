#include "cli/candidates.h"
#include "cli/command_tree.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/open_store.h"
#include "config/environment.h"

namespace portal::cli {
namespace {

// The shells ask the binary that is being completed itself (`completion candidates WORD…`), so that a script never
// knows other words than the program. A line is a candidate, a tab and what --help says of it; `:files` stands for
// names of files.

constexpr const char* kBash = R"(# Completion of portal-appliance for bash: source <(portal-appliance completion bash)
_portal_appliance() {
  local line files=()
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o filenames
      mapfile -t files < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]#=}")
      COMPREPLY+=("${files[@]}")
    else
      COMPREPLY+=("${line%%$'\t'*}")
    fi
  done < <("$1" completion candidates "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _portal_appliance portal-appliance
)";

constexpr const char* kZsh = R"(#compdef portal-appliance
# Completion of portal-appliance for zsh: source <(portal-appliance completion zsh), behind compinit
_portal_appliance() {
  local line
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      _files
    else
      candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
  done < <("${(e)words[1]}" completion candidates "${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#candidates )) && _describe -t words 'portal-appliance' candidates
}
if [[ $funcstack[1] == _portal_appliance ]]; then
  _portal_appliance "$@"
else
  compdef _portal_appliance portal-appliance
fi
)";

constexpr const char* kFish = R"(# Completion of portal-appliance for fish: portal-appliance completion fish | source
function __portal_appliance_candidates
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    for line in (command $program completion candidates $words "$current" 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c portal-appliance -f -a '(__portal_appliance_candidates)'
)";

/// The tenants of the data folder that the line so far, the environment and the usual file name. None where it cannot
/// be opened: a shell shows no complaints.
std::vector<std::string> TenantsFor(const std::vector<std::string>& words) {
  config::Sources sources;
  sources.environment = config::ProcessEnvironment();
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& value = words[i + 1] == "=" && i + 2 < words.size() ? words[i + 2] : words[i + 1];
    if (words[i] == "--config") sources.config_flag = value;
    if (words[i] == "--data-dir")
      sources.flags.push_back({"data_dir", {config::RawValue::Form::kUntyped, {value}}, {}});
  }
  std::vector<std::string> slugs;
  const auto loaded = config::Load(sources);
  if (!loaded) return slugs;
  auto store = OpenedStore::Open(loaded->config, app::DataFolder::Create::kNo);
  if (!store) return slugs;
  const auto tenants = (*store)->reader().tenants.All();
  if (!tenants) return slugs;
  for (const model::Tenant& tenant : *tenants) slugs.push_back(tenant.slug);
  return slugs;
}

}  // namespace

int Completion(const CompletionCommand& command, Console& console) {
  switch (command.shell) {
    case CompletionCommand::Shell::kBash:
      console.Data(kBash);
      break;
    case CompletionCommand::Shell::kZsh:
      console.Data(kZsh);
      break;
    case CompletionCommand::Shell::kFish:
      console.Data(kFish);
      break;
  }
  return kExitOk;
}

int CompleteWords(const CompleteWordsCommand& command, Console& console) {
  const Candidates found =
      Complete(DescribeCommandLine(), command.words, [&command] { return TenantsFor(command.words); });
  for (const Candidate& word : found.words) console.Data(word.text + "\t" + word.help + "\n");
  if (found.files) console.Data(":files\n");
  return kExitOk;
}

}  // namespace portal::cli
