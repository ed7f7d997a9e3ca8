#include "cli/words/serve.h"

#include <charconv>

#include "base/movable_clock.h"
#include "base/time_text.h"

namespace portal::cli {
namespace {

auto Refuse(std::string why) { return tl::unexpected(std::move(why)); }

/// nullopt: it is none.
std::optional<std::uint64_t> ParseSeed(const std::string& text) {
  std::uint64_t seed = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, seed);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return seed;
}

}  // namespace

void AddServeWords(Words& place, ServeWords& given) {
  ServeCommand& serve = given.command;
  place.Flag("--seed", serve.seed, "Serve demo data, on this machine alone");
  place.Flag("--ephemeral", serve.ephemeral, "Keep the store in memory; it goes when the portal ends");
  place.Flag("--exit-with-parent", serve.exit_with_parent, "End as with SIGTERM when the process that started it ends");
  place
      .Option("--ready-file", serve.ready_file,
              "A file that is there, whole, while both planes answer: JSON with url, control_url, pid, tokens")
      .Placeholder("FILE");
  place.Flag("--test-mode", serve.test_mode,
             "Faults, clock and reset on demand, for tests; in memory, on loopback alone");
  place.Option("--random-seed", given.random_seed, "In test mode: the same ids and tokens for the same requests")
      .Placeholder("N");
  place.Option("--clock", given.clock, "In test mode: what the clock shows at the start, as in 2025-09-01T10:15:00Z")
      .Placeholder("TIME");
}

tl::expected<Command, std::string> MakeServe(const ServeWords& given) {
  ServeCommand serve = given.command;
  if (given.random_seed) {
    serve.random_seed = ParseSeed(*given.random_seed);
    if (!serve.random_seed) {
      return Refuse("--random-seed: \"" + *given.random_seed + "\" is no whole number from 0 to 18446744073709551615");
    }
  }
  if (given.clock) {
    serve.clock = base::ParseRfc3339(*given.clock);
    if (!serve.clock || !base::MovableClock::IsWithin(*serve.clock)) {
      return Refuse("--clock: \"" + *given.clock +
                    "\" is no time of RFC 3339 from 1970 to 2900, as in 2025-09-01T10:15:00Z");
    }
  }
  if (!serve.test_mode && (given.random_seed || given.clock)) {
    return Refuse(std::string(given.clock ? "--clock" : "--random-seed") + " goes with --test-mode alone");
  }
  if (serve.ephemeral && !serve.seed && !serve.test_mode) {
    return Refuse("--ephemeral needs --seed or --test-mode: nobody else could ever get a token for such a store");
  }
  return serve;
}

std::string_view AnyServeFlag(const ServeWords& given) {
  const ServeCommand& serve = given.command;
  if (serve.seed) return "--seed";
  if (serve.ephemeral) return "--ephemeral";
  if (serve.exit_with_parent) return "--exit-with-parent";
  if (!serve.ready_file.empty()) return "--ready-file";
  if (serve.test_mode) return "--test-mode";
  if (given.random_seed) return "--random-seed";
  return given.clock ? "--clock" : "";
}

}  // namespace portal::cli
