#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/function_ref.h"
#include "cli/command_tree.h"

namespace portal::cli {

/// A word that could stand where the cursor is.
struct Candidate {
  std::string text;
  std::string help;
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

struct Candidates {
  std::vector<Candidate> words;  ///< all of them begin with what is typed already
  bool files = false;            ///< names of files, which the shell knows better
};

/// What could complete the last of `words`, those behind the program's name up to the cursor. Shells that split
/// `--flag=value` at the `=` may do so. `tenants` is asked only where a tenant's short name is expected.
Candidates Complete(const CommandDescription& root, std::span<const std::string> words,
                    base::FunctionRef<std::vector<std::string>()> tenants);

}  // namespace portal::cli
