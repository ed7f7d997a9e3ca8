#include "control/test_mode.h"

#include <chrono>
#include <string>

#include "base/duration.h"
#include "base/json_object.h"
#include "control/json_fields.h"
#include "control/test_handlers.h"
#include "embedded/control_test_openapi.h"
#include "service/shown_text.h"

namespace portal::control {

namespace {

constexpr const char* kOutside = "The clock goes from 1970 to 2900";
constexpr std::chrono::hours kLongestAdvance{24 * 366 * 930};

/// `90s`; nullopt when it is absent or wrong, which `fields` then tells.
std::optional<std::chrono::milliseconds> ReadDuration(JsonFields& fields, std::string_view name) {
  const auto text = fields.Text(name);
  const auto duration = text ? base::ParseDuration(*text) : std::nullopt;
  if (text && !duration) fields.Refuse(name, "Is " + service::Quoted(*text) + "; must be a duration, as in 90s or 2h");
  return duration;
}

}  // namespace

Result<Answer> GetTestOpenApi(const Context&, Request&) {
  Answer answer;
  answer.body = embedded::control_test_openapi().front().content;
  return answer;
}

Result<Answer> ResetTest(const Context& context, Request&) {
  if (auto done = context.test_mode->reset(); !done) return base::Fail(std::move(done).error());
  return NoContent();
}

Result<Answer> SetTestClock(const Context& context, Request& request) {
  auto fields = JsonFields::Read(request);
  if (!fields) return base::Fail(std::move(fields).error());
  const auto set = fields->Time("set");
  const auto advance = ReadDuration(*fields, "advance");
  base::MovableClock& clock = context.test_mode->clock;
  if (fields->Has("set") == fields->Has("advance")) fields->Refuse("set", "Give either this or advance");
  if (set && !clock.IsWithin(*set)) fields->Refuse("set", kOutside);
  if (advance && (*advance > kLongestAdvance || !clock.IsWithin(clock.Wall() + *advance))) {
    fields->Refuse("advance", kOutside);
  }
  if (auto good = fields->Finish(); !good) return base::Fail(std::move(good).error());
  if (set) clock.Set(*set);
  if (advance) clock.Advance(*advance);
  Answer answer;
  answer.body = base::JsonObject().Time("now", clock.Wall()).Done();
  return answer;
}

}  // namespace portal::control
