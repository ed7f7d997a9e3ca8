#include "control/json_fields.h"

#include <gtest/gtest.h>

#include <string>

namespace portal::control {
namespace {

using base::ErrorCode;

/// The complaints of a resource that knows one member of each type, as `name: detail` lines.
std::string Complaints(std::string_view json) {
  auto fields = JsonFields::Parse(json);
  if (!fields) return "no object: " + fields.error().detail + "\n";
  fields->Text("text");
  fields->Boolean("flag");
  fields->Texts("texts");
  fields->IntegerOrNull("number");
  fields->Time("time");
  fields->Duration("duration");
  const auto valid = fields->Finish();
  if (valid) return {};
  EXPECT_EQ(valid.error().code, ErrorCode::kValidation);
  std::string lines;
  for (const base::ParameterError& error : valid.error().parameters)
    lines += error.parameter + ": " + error.detail + "\n";
  return lines;
}

TEST(JsonFields, NameEveryMemberThatIsWrong) {
  struct Case {
    std::string_view json;
    std::string_view says;
  };
  const Case cases[] = {
      {"{}", ""},
      {R"({"text":"a","flag":true,"texts":["a"],"number":1,"time":"2025-09-01T10:15:00Z","duration":"30d"})", ""},
      {R"({"number":null,"texts":[]})", ""},
      {R"({"text":1})", "text: Must be a text\n"},
      {R"({"text":null})", "text: Must be a text\n"},
      {R"({"flag":"true"})", "flag: Must be true or false\n"},
      {R"({"texts":["a",1]})", "texts: Must be a list of texts\n"},
      {R"({"number":1.5})", "number: Must be a whole number or null\n"},
      {R"({"number":18446744073709551615})", "number: Must be a whole number or null\n"},
      {R"({"time":"tomorrow"})", "time: Must be a time of RFC 3339, as in 2025-09-01T10:15:00Z\n"},
      {R"({"duration":"a month"})", "duration: Must be digits and one of ms, s, m, h, d, as in 30d\n"},
      {R"({"colour":1,"text":2})",
       "text: Must be a text\ncolour: Unknown; this resource takes text, flag, texts, number, time, duration\n"},
      {"", "no object: The body is not valid JSON\n"},
      {"{", "no object: The body is not valid JSON\n"},
      {"{} {}", "no object: The body is not valid JSON\n"},
      {"{\"text\":\"\xff\"}", "no object: The body is not valid JSON\n"},
      {"[]", "no object: The body must be a JSON object\n"},
      {R"({"text":"a","text":"b"})", "no object: The body names \"text\" more than once\n"},
  };
  for (const Case& c : cases) EXPECT_EQ(Complaints(c.json), c.says) << c.json;
}

TEST(JsonFields, GiveTheirValues) {
  auto fields = JsonFields::Parse(R"({"text":"a","flag":false,"texts":["b","c"],"number":-5,"none":null})");
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->Text("text"), "a");
  EXPECT_EQ(fields->Boolean("flag"), false);
  EXPECT_EQ(fields->Texts("texts"), (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(**fields->IntegerOrNull("number"), -5);
  EXPECT_EQ(fields->IntegerOrNull("none"), std::optional<std::optional<std::int64_t>>(std::in_place));
  EXPECT_EQ(fields->IntegerOrNull("absent"), std::nullopt);
  EXPECT_TRUE(fields->Finish());
}

TEST(JsonFields, NeverFollowNestingWithoutEnd) {
  std::string deep = R"({"text":)" + std::string(100'000, '[');
  EXPECT_EQ(Complaints(deep), "no object: The body is not valid JSON\n");
  deep += std::string(100'000, ']') + "}";
  EXPECT_EQ(Complaints(deep), "no object: The body is not valid JSON\n");
}

TEST(JsonFields, AComplaintOfTheStoreBecomesOneOfItsMember) {
  const base::Error error = AsFieldError({ErrorCode::kValidation, "slug: \"A\" is not valid", {}, {}});
  ASSERT_EQ(error.parameters.size(), 1U);
  EXPECT_EQ(error.parameters.front().parameter, "slug");
  EXPECT_EQ(error.parameters.front().detail, "\"A\" is not valid");
  EXPECT_TRUE(AsFieldError({ErrorCode::kConflict, "slug: taken", {}, {}}).parameters.empty());
}

}  // namespace
}  // namespace portal::control
