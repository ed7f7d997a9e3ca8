#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "cli/commands.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace portal::cli {

/// A flag with a value, or an argument without a name, while its family describes it.
class Word {
 public:
  explicit Word(CLI::Option& option) : option_(&option) {}

  Word& Required();
  Word& OneOf(const std::vector<std::string>& values);
  Word& Between(std::size_t lowest, std::size_t highest);
  /// What --help shows for the value, as in `FILE`.
  Word& Placeholder(const std::string& text);

 private:
  CLI::Option* option_;
};

/// The words that one place in the command line understands. Names are as CLI11 takes them: `--flag` for a flag,
/// `NAME` for an argument by place. Targets are filled in while the line is parsed, so they belong into something
/// that `make` shares.
class Words {
 public:
  /// Turns what was given into a command; the error is a line of usage, which names the flag and its value.
  using Make = std::function<tl::expected<Command, std::string>()>;

  Words(CLI::App& app, Make& chosen) : app_(&app), chosen_(&chosen) {}

  /// A command that only leads to others.
  Words Family(const std::string& name, const std::string& help);
  /// A command that does something.
  Words Add(const std::string& name, const std::string& help, Make make);
  /// T is text (std::string or std::filesystem::path; one, an optional or a vector of them) or std::size_t.
  template <typename T>
  Word Option(const std::string& name, T& target, const std::string& help);
  void Flag(const std::string& name, bool& target, const std::string& help);
  void Json(bool& target) { Flag("--json", target, "Print JSON"); }

 private:
  CLI::App* app_;
  Make* chosen_;
};

}  // namespace portal::cli
