#include <memory>

#include "cli/words/families.h"

namespace portal::cli {

void AddCheckWords(Words& app) {
  const auto given = std::make_shared<VerifyCommand>();
  Words verify =
      app.Add("verify", "Look for damage in the data folder, beside a serving portal too", [given] { return *given; });
  verify.Flag("--deep", given->deep, "Hash every file");
  verify.Flag("--fix", given->fix, "Count anew, repair search, remove files that nobody names");
  verify.Flag("--quiet", given->quiet, "No progress, only what is found");
  verify.Json(given->json);
  const auto doctor = std::make_shared<DoctorCommand>();
  app.Add("doctor", "A first look at a portal that is not well: each finding with its remedy",
          [doctor] { return *doctor; })
      .Json(doctor->json);
  const auto slo = std::make_shared<SloCommand>();
  Words levels = app.Add("slo", "Ask a serving portal how it keeps its promises: errors, budgets, latencies",
                         [slo] { return *slo; });
  levels
      .Option("--url", slo->url, "Its control plane, as in https://portal.example.com:3001; by default control.listen")
      .Placeholder("URL");
  levels
      .Option("--token", slo->token,
              "An operator's, of scope metrics or admin; better in PORTAL_TOKEN, since others see this command line")
      .Placeholder("TOKEN");
  levels.Json(slo->json);
}

}  // namespace portal::cli
