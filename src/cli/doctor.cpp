#include "app/doctor.h"

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/json_object.h"
#include "cli/text_table.h"
#include "cli/version.h"

namespace portal::cli {
namespace {

using app::Diagnosis;

constexpr std::array kStates = {"good", "warning", "bad"};

const char* StateOf(const Diagnosis& diagnosis) { return kStates[static_cast<std::size_t>(diagnosis.state)]; }

/// For whoever is asked for help: what is being talked about.
Diagnosis Versions() {
  std::string found =
      "portal-appliance " + std::string(base::kBuild.version) + " (" + std::string(base::kBuild.commit) + ")";
  for (const auto& [library, version] : LibraryVersions()) found += ", " + library + " " + version;
  return {"versions", Diagnosis::State::kGood, found, ""};
}

}  // namespace

int Doctor(const DoctorCommand& command, const config::Config& config, Console& console) {
  const base::SystemClock clock;
  app::Diagnoses diagnoses = {Versions()};
  std::ranges::move(app::Diagnose(config, clock), std::back_inserter(diagnoses));
  JsonArray json;
  std::vector<std::vector<std::string>> rows = {{"ABOUT", "STATE", "FOUND"}};
  for (const Diagnosis& diagnosis : diagnoses) {
    JsonObject row;
    row.Text("about", diagnosis.about).Text("state", StateOf(diagnosis)).Text("found", diagnosis.found);
    json.Add(row.Text("remedy", diagnosis.remedy).Done());
    rows.push_back({diagnosis.about, StateOf(diagnosis), diagnosis.found});
    if (!diagnosis.remedy.empty()) rows.push_back({"", "", "→ " + diagnosis.remedy});
  }
  console.Data(command.json ? json.Line() : TextTable(rows));
  const auto bad = std::ranges::count(diagnoses, Diagnosis::State::kBad, &Diagnosis::state);
  return bad == 0 ? kExitOk : kExitRejected;
}

}  // namespace portal::cli
