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
      {R"({"text":"a","flag":true,"texts":["a"],"number":1,"time":"2025-09-01T10:15:00Z"})", ""},
      {R"({"number":null,"texts":[]})", ""},
      {R"({"text":1})", "text: Is 1; must be a text\n"},
      {R"({"text":null})", "text: Is null; must be a text\n"},
      {R"({"flag":"true"})", "flag: Is \"true\"; must be true or false\n"},
      {R"({"texts":["a",1]})", "texts: Is a list of other values; must be a list of texts\n"},
      {R"({"number":1.5})", "number: Is 1.5; must be a whole number or null\n"},
      {R"({"number":18446744073709551615})", "number: Is 18446744073709551615; must be a whole number or null\n"},
      {R"({"time":"tomorrow"})", "time: Is \"tomorrow\"; must be a time of RFC 3339, as in 2025-09-01T10:15:00Z\n"},
      {R"({"flag":{"a":1}})", "flag: Is an object; must be true or false\n"},
      {R"({"colour":1,"text":2})",
       "text: Is 2; must be a text\ncolour: Unknown; this resource takes text, flag, texts, number, time\n"},
      {"", "no object: The body is not valid JSON\n"},
      {"{", "no object: The body is not valid JSON\n"},
      {"{} {}", "no object: The body is not valid JSON\n"},
      {"{\"text\":\"\xff\"}", "no object: The body is not valid JSON\n"},
      {"[]", "no object: The body must be a JSON object\n"},
      {R"({"text":"a","text":"b"})", "no object: The body names \"text\" more than once\n"},
  };
  for (const Case& c : cases) EXPECT_EQ(Complaints(c.json), c.says) << c.json;
}

TEST(JsonFields, ShowNoMoreOfAValueThanTellsWhichItIs) {
  auto fields = JsonFields::Parse(R"({"flag":")" + std::string(1000, 'x') + R"(","time":")" + std::string(1000, 'y') +
                                  R"(",")" + std::string(1000, 'z') + R"(":1})");
  ASSERT_TRUE(fields);
  fields->Boolean("flag");
  fields->Time("time");
  fields->Require("name");
  fields->Text("name");
  const auto valid = fields->Finish();
  ASSERT_FALSE(valid);
  ASSERT_EQ(valid.error().parameters.size(), 4U);
  for (const base::ParameterError& error : valid.error().parameters) {
    EXPECT_LT(error.parameter.size() + error.detail.size(), 160U) << error.detail;
  }
  EXPECT_EQ(valid.error().parameters[2].detail, "Is missing");
}

TEST(JsonFields, ShowNothingOfASecret) {
  for (const std::string_view json : {R"({"password":5})", R"({"password":["5"]})", R"({"password":{"5":"5"}})",
                                      R"({"password":null})", R"({"password":5.5})"}) {
    auto fields = JsonFields::Parse(json);
    ASSERT_TRUE(fields);
    EXPECT_EQ(fields->Secret("password"), std::nullopt);
    const auto valid = fields->Finish();
    ASSERT_FALSE(valid) << json;
    ASSERT_EQ(valid.error().parameters.size(), 1U);
    EXPECT_EQ(valid.error().parameters.front().detail, "Must be a text");
    EXPECT_EQ(valid.error().detail.find('5'), std::string::npos);
  }
  auto fields = JsonFields::Parse(R"({"password":"5"})");
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->Secret("password"), "5");
  EXPECT_EQ(fields->Secret("token"), std::nullopt);
  EXPECT_TRUE(fields->Finish());
}

TEST(JsonFields, NameTheFirstOfManyFaultsAndCountTheRest) {
  std::string json = R"({"text":1,"inner":{)";
  for (int i = 0; i < 30; ++i) json += (i > 0 ? ",\"i" : "\"i") + std::to_string(i) + "\":1";
  json += "}";
  for (int i = 0; i < 1000; ++i) json += ",\"m" + std::to_string(i) + "\":1";
  auto fields = JsonFields::Parse(json + "}");
  ASSERT_TRUE(fields);
  fields->Text("text");
  fields->Absorb("inner", *fields->Object("inner"));
  const auto valid = fields->Finish();
  ASSERT_FALSE(valid);
  const std::vector<base::ParameterError>& errors = valid.error().parameters;
  ASSERT_EQ(errors.size(), Complaints::kMost + 1);
  EXPECT_EQ(errors.front().parameter, "text");
  EXPECT_EQ(errors[1].parameter, "inner.i0");
  EXPECT_EQ(errors.back().parameter, "...");
  EXPECT_EQ(errors.back().detail, "And 1011 more");  // of 1,031
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
