#include "service/rows/merge_patch.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace portal::service {
namespace {

using nlohmann::json;

TEST(MergePatch, DoesWhatRfc7396SaysInItsAppendixA) {
  struct Case {
    const char *target, *patch, *result;
  };
  for (const Case& c : {
           Case{R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
           Case{R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
           Case{R"({"a":"b"})", R"({"a":null})", R"({})"},
           Case{R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
           Case{R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
           Case{R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
           Case{R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
           Case{R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
           Case{R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
           Case{R"({"a":"b"})", R"(["c"])", R"(["c"])"},
           Case{R"({"a":"foo"})", R"(null)", R"(null)"},
           Case{R"({"a":"foo"})", R"("bar")", R"("bar")"},
           Case{R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
           Case{R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
           Case{R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
       }) {
    const auto merged = MergePatch(c.target, c.patch);
    ASSERT_TRUE(merged) << c.patch << ": " << merged.error().detail;
    EXPECT_EQ(json::parse(*merged), json::parse(c.result)) << c.target << " with " << c.patch;
  }
}

TEST(MergePatch, DoesTheDocumentOfItsSection3) {
  const auto merged = MergePatch(
      R"({"title":"Goodbye!","author":{"givenName":"John","familyName":"Doe"},"tags":["example","sample"],)"
      R"("content":"This will be unchanged"})",
      R"({"title":"Hello!","phoneNumber":"+01-123-456-7890","author":{"familyName":null},"tags":["example"]})");
  ASSERT_TRUE(merged);
  EXPECT_EQ(json::parse(*merged),
            json::parse(R"({"title":"Hello!","author":{"givenName":"John"},"tags":["example"],)"
                        R"("content":"This will be unchanged","phoneNumber":"+01-123-456-7890"})"));
}

TEST(MergePatch, KeepsNumbersAndArraysToTheLetter) {
  EXPECT_EQ(MergePatch(R"({"a":12345678901234567890123.10})", R"({"b":[1e40, "x\u00e9", {"c":null}]})").value(),
            R"({"a":12345678901234567890123.10,"b":[1e40, "x\u00e9", {"c":null}]})");
}

TEST(MergePatch, RefusesWhatIsNoJson) {
  struct Case {
    std::string patch;
    const char* says;
  };
  for (const Case& c : {
           Case{"", "Not JSON"},
           Case{"{", "Not JSON"},
           Case{"{\"a\":1}}", "Not JSON, at byte 8"},
           Case{"{'a':1}", "Not JSON"},
           Case{"{\"a\":01}", "Not JSON"},
           Case{std::string("{}\0{", 4), "Not JSON"},
           Case{"{\"a\":\"\xFF\"}", "not UTF-8"},
           Case{R"({"a":"\ud800"})", "JSON"},
           Case{R"({"a":"\udc00"})", "JSON"},
           Case{R"({"a":1,"a":2})", "\"a\" is given twice"},
           Case{R"({"b":{"a":1,"\u0061":2}})", "\"a\" is given twice"},
           Case{std::string(65, '['), "deeper than 64"},
           Case{std::string(1'000'000, '['), "deeper than 64"},
       }) {
    const auto merged = MergePatch("{}", c.patch);
    ASSERT_FALSE(merged) << c.patch;
    EXPECT_EQ(merged.error().code, base::ErrorCode::kBadRequest);
    EXPECT_NE(merged.error().detail.find(c.says), std::string::npos) << merged.error().detail;
    EXPECT_FALSE(MergePatch(c.patch, "{}"));
  }
  std::string deepest(64, '[');
  deepest.append(64, ']');
  EXPECT_TRUE(MergePatch("{}", deepest));
}

TEST(MergePatch, HoldsWithManyMembers) {
  std::string patch = "{";
  for (int i = 0; i < 50'000; ++i) patch += (i ? ",\"m" : "\"m") + std::to_string(i) + "\":" + std::to_string(i);
  patch += "}";
  const auto merged = MergePatch(patch, patch);
  ASSERT_TRUE(merged);
  EXPECT_EQ(json::parse(*merged), json::parse(patch));
}

}  // namespace
}  // namespace portal::service
