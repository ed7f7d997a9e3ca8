#include "cli/candidates.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace portal::cli {
namespace {

/// Where in the command line the words before the cursor lead.
class Place {
 public:
  explicit Place(const CommandDescription& root) : path_{&root} {}

  void Pass(const std::string& word) {
    if (word == "=" && awaited_) return;  // from a shell that splits there
    if (awaited_) {
      awaited_ = nullptr;
    } else if (!only_arguments_ && word == "--") {
      only_arguments_ = true;
    } else if (!only_arguments_ && word.starts_with('-')) {
      const WordDescription* flag = Flag(word.substr(0, word.find('=')));
      if (flag && !flag->placeholder.empty() && word.find('=') == std::string::npos) awaited_ = flag;
    } else if (const CommandDescription* command = Command(word)) {
      path_.push_back(command);
      arguments_ = 0;
    } else {
      ++arguments_;
    }
  }

  /// The flag whose value comes next, if any.
  const WordDescription* awaited() const { return awaited_; }
  bool only_arguments() const { return only_arguments_; }
  const CommandDescription& command() const { return *path_.back(); }
  /// Of a command and of those that lead to it, the nearest first.
  std::vector<const WordDescription*> Flags() const {
    std::vector<const WordDescription*> flags;
    for (auto at = path_.rbegin(); at != path_.rend(); ++at) {
      for (const WordDescription& flag : (*at)->flags) {
        const bool hidden = std::ranges::any_of(flags, [&](const auto* known) { return known->names == flag.names; });
        if (!hidden && !IsOfAnother(**at, flag)) flags.push_back(&flag);
      }
    }
    return flags;
  }
  const WordDescription* Flag(std::string_view name) const {
    for (const WordDescription* flag : Flags()) {
      if (std::ranges::find(flag->names, name) != flag->names.end()) return flag;
    }
    return nullptr;
  }
  /// The argument by place that comes next, if any.
  const WordDescription* Argument() const {
    const auto& known = command().arguments;
    if (arguments_ < known.size()) return &known[arguments_];
    return !known.empty() && known.back().repeats ? &known.back() : nullptr;
  }

 private:
  const CommandDescription* Command(const std::string& name) const {
    if (only_arguments_) return nullptr;
    const auto& known = command().commands;
    const auto found = std::ranges::find(known, name, &CommandDescription::name);
    return found == known.end() ? nullptr : &*found;
  }

  /// What a command understands without being named, as `serve` does, goes with no other.
  bool IsOfAnother(const CommandDescription& place, const WordDescription& flag) const {
    if (&place == path_.back()) return false;
    return std::ranges::any_of(place.commands, [&](const CommandDescription& command) {
      return std::ranges::any_of(command.flags, [&](const auto& own) { return own.names == flag.names; });
    });
  }

  std::vector<const CommandDescription*> path_;
  const WordDescription* awaited_ = nullptr;
  bool only_arguments_ = false;
  std::size_t arguments_ = 0;
};

bool IsTenant(const WordDescription& word) {
  return std::ranges::any_of(word.names, [](const std::string& name) { return name == "--tenant" || name == "SLUG"; });
}

bool IsFile(const WordDescription& word) {
  const std::string& kind = word.names.front().starts_with('-') ? word.placeholder : word.names.front();
  return kind == "FILE" || kind == "FOLDER" || kind == "PATH";
}

class Collector {
 public:
  explicit Collector(std::string typed) : typed_(std::move(typed)) {}

  void Offer(const std::string& text, const std::string& help) {
    if (text.starts_with(typed_)) found_.words.push_back({text, help.substr(0, help.find('\n'))});
  }
  /// `before`: what comes before the value in the same word, as in `--format=`.
  void OfferValues(const WordDescription& word, base::FunctionRef<std::vector<std::string>()> tenants,
                   const std::string& before = {}) {
    for (const std::string& choice : word.choices) Offer(before + choice, {});
    if (IsTenant(word)) {
      for (const std::string& tenant : tenants()) Offer(before + tenant, {});
    }
    found_.files = IsFile(word);
  }
  Candidates Done() { return std::move(found_); }

 private:
  const std::string typed_;
  Candidates found_;
};

}  // namespace

Candidates Complete(const CommandDescription& root, std::span<const std::string> words,
                    base::FunctionRef<std::vector<std::string>()> tenants) {
  Place place(root);
  for (std::size_t i = 0; i + 1 < words.size(); ++i) place.Pass(words[i]);
  std::string typed = words.empty() ? std::string() : words.back();
  if (place.awaited()) {
    if (typed == "=") typed.clear();
    Collector found(typed);
    found.OfferValues(*place.awaited(), tenants);
    return found.Done();
  }
  Collector found(typed);
  if (typed.starts_with('-') && !place.only_arguments()) {
    const std::size_t equals = typed.find('=');
    if (equals != std::string::npos) {
      const WordDescription* flag = place.Flag(typed.substr(0, equals));
      if (flag && !flag->placeholder.empty()) found.OfferValues(*flag, tenants, typed.substr(0, equals + 1));
      return found.Done();
    }
    for (const WordDescription* flag : place.Flags()) {
      for (const std::string& name : flag->names) found.Offer(name, flag->help);
    }
    return found.Done();
  }
  if (!place.only_arguments()) {
    for (const CommandDescription& command : place.command().commands) found.Offer(command.name, command.help);
  }
  if (const WordDescription* argument = place.Argument()) found.OfferValues(*argument, tenants);
  return found.Done();
}

}  // namespace portal::cli
