#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/config.h"

namespace portal::app {

/// What a first look at a portal found, about one thing.
struct Diagnosis {
  enum class State : std::uint8_t { kGood, kWarning, kBad };
  std::string about;  ///< a word or two: `space`, `certificate`
  State state = State::kGood;
  std::string found;
  std::string remedy;  ///< empty where all is well
};
using Diagnoses = std::vector<Diagnosis>;

/// Looks at everything around the store that makes a portal fail, and at nothing that could be harmed by it: the
/// database is not opened, no lock is taken and nothing is written. Ports that are free are bound for a moment.
Diagnoses Diagnose(const config::Config& config, const base::Clock& clock);

// The parts of it, each in a file of its own.
Diagnoses DiagnoseFolder(const config::Config& config);
Diagnoses DiagnoseDisk(const config::Config& config);
Diagnoses DiagnosePorts(const config::Config& config);

}  // namespace portal::app
