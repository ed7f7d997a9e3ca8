#include "service/import/ndjson_reader.h"

#include <gtest/gtest.h>

#include "unit/service/import_text.h"

namespace portal::service {
namespace {

constexpr ImportFormat kNdjson = ImportFormat::kNdjson;

TEST(NdjsonReader, ReadsOneObjectALine) {
  struct Case {
    std::string text;
    std::vector<std::string> rows;
  };
  const std::vector<Case> cases = {
      {R"({"id":"1","name":"Ann"})", {"1|Ann|~"}},
      {"{\"id\":\"1\",\"name\":\"Ann\"}\n{\"name\":\"Bob\",\"id\":\"2\",\"email\":\"b@c\"}\n",
       {"1|Ann|~", "2|Bob|b@c"}},
      {"\xEF\xBB\xBF{\"id\":\"1\",\"name\":\"Ann\"}\r\n\r\n  \n{\"id\":\"2\",\"name\":\"B\"}\r\n",
       {"1|Ann|~", "2|B|~"}},
      {R"( { "id" : "1" , "name" : "A\n\u00e9\ud83c\udfe0\"" , "email" : null } )", {"1|A\n\u00e9\U0001F3E0\"|~"}},
      {R"({"id":"1","name":"Ann","email":""})", {"1|Ann|~"}},
      {"", {}},
      {"\n\n", {}},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece : {1UL << 20, 1UL}) {
      const ReadText read = ImportText(c.text, kNdjson, {.piece_bytes = piece});
      EXPECT_EQ(read.rows, c.rows) << c.text;
      EXPECT_TRUE(read.bad.empty()) << read.bad.front().message;
    }
  }
}

TEST(NdjsonReader, NamesLineAndColumnOfBadLinesAndGoesOnBehindThem) {
  struct Case {
    std::string line;
    std::uint64_t column;
    std::string says;
  };
  const std::vector<Case> cases = {
      {R"({"id":"1","name":"Ann")", 23, "not JSON"},
      {R"({"id":"1",})", 11, "not JSON"},
      {R"({"id":"1","name":"A"} x)", 23, "not JSON"},
      {R"({"id":"1","name":"\ud800"})", 19, "not JSON"},
      {R"({id:"1"})", 2, "not JSON"},
      {R"([{"id":"1"}])", 1, "expected one JSON object a line, found an array"},
      {R"("text")", 1, "expected one JSON object a line, found text"},
      {"null", 1, "expected one JSON object a line, found null"},
      {"17", 1, "expected one JSON object a line, found a number"},
      {R"({"id":1,"name":"A"})", 2, "id: expected text or null, found a number"},
      {R"({"id":"1","name":true})", 11, "name: expected text or null, found a boolean"},
      {R"({"id":"1","name":["A"]})", 11, "name: expected text or null, found an array"},
      {R"({"id":"1","name":{"a":1}})", 11, "name: expected text or null, found an object"},
      {R"({"é":"1","name":"A"})", 2, "there is no column \"é\""},
      {R"({"id":"1","nmae":"A"})", 11, "did you mean \"name\"?"},
      {R"({"id":"1","name":"A","id":"2"})", 22, "\"id\" is given twice"},
      {R"({"id":"1"})", 1, "\"name\" is missing"},
      {"{\"id\":\"1\",\"name\":\"\xFF\"}", 19, "not UTF-8"},
      {R"({"id":"1","name":"a\u0000b"})", 11, "a NUL character"},
      {"{\"id\":\"1\",\"name\":\"" + std::string(kMaxFieldBytes + 1, 'x') + "\"}", 11, "a text longer than 64 KiB"},
      {"{\"id\":\"" + std::string(2 << 20, 'x') + "\"}", 1, "a line longer than 1 MiB"},
      {std::string(100'000, '['), 1, "expected one JSON object"},
  };
  for (const Case& c : cases) {
    const ReadText read = ImportText("\n" + c.line + "\n{\"id\":\"2\",\"name\":\"Bob\"}\n", kNdjson);
    ASSERT_EQ(read.bad.size(), 1U) << c.says;
    EXPECT_EQ(read.bad.front().line, 2U) << c.says;
    EXPECT_EQ(read.bad.front().column, c.column) << c.says << " / " << read.bad.front().message;
    EXPECT_NE(read.bad.front().message.find(c.says), std::string::npos) << read.bad.front().message;
    EXPECT_EQ(read.rows, std::vector<std::string>{"2|Bob|~"}) << c.says;
  }
}

TEST(NdjsonReader, SkipsUnknownMembersOfAnyShapeWhenAsked) {
  const ReadText read =
      ImportText(R"({"tags":["a",{"id":"x"}],"id":"1","n":3,"b":true,"o":{"name":{"id":[]}},"z":null,"name":"Ann"})",
                 kNdjson, {.ignore_unknown = true});
  EXPECT_EQ(read.rows, std::vector<std::string>{"1|Ann|~"}) << (read.bad.empty() ? "" : read.bad.front().message);
}

TEST(NdjsonReader, SurvivesNestingOfAnyDepth) {
  const std::string deep =
      "{\"x\":" + std::string(300'000, '[') + std::string(300'000, ']') + ",\"id\":\"1\",\"name\":\"A\"}";
  EXPECT_EQ(ImportText(deep, kNdjson, {.ignore_unknown = true}).rows, std::vector<std::string>{"1|A|~"});
}

TEST(NdjsonReader, RefusesUtf16) {
  const ReadText read = ImportText(std::string("\xFE\xFF\0{", 4), kNdjson);
  ASSERT_TRUE(read.broken);
  EXPECT_NE(read.broken->message.find("UTF-16"), std::string::npos);
}

}  // namespace
}  // namespace portal::service
