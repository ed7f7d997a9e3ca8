#include "http/query.h"

#include <gtest/gtest.h>

#include "http/content_disposition.h"
#include "http/percent.h"

namespace portal::http {
namespace {

TEST(Percent, DecodesOnceAndRefusesWhatDoesNotDecode) {
  EXPECT_EQ(DecodePercent("a%20b%2Fc%2525"), "a b/c%25");
  EXPECT_EQ(DecodePercent("%F0%9F%8F%A0"), "🏠");
  EXPECT_EQ(DecodePercent("a+b", true), "a b");
  EXPECT_EQ(DecodePercent("a+b"), "a+b");
  for (const std::string_view text : {"%", "%2", "%G0", "a%0", "%00", "%FF", "%C0%AF", "%ED%A0%80"}) {
    EXPECT_FALSE(DecodePercent(text)) << text;
  }
}

TEST(Percent, EncodesEverythingButUnreservedCharacters) {
  std::string out;
  AppendPercentEncoded("aZ09-._~ /?&=%\"é", out);
  EXPECT_EQ(out, "aZ09-._~%20%2F%3F%26%3D%25%22%C3%A9");
}

TEST(Query, GivesTakenParametersAndReportsTheRest) {
  auto query = QueryParameters::Parse("limit=5&&q=a%26b+c&empty&limit=6&x=1");
  ASSERT_TRUE(query);
  EXPECT_TRUE(query->Has("x"));
  EXPECT_EQ(query->Take("limit"), "5");
  EXPECT_EQ(query->Take("q"), "a&b c");
  EXPECT_EQ(query->Take("empty"), "");
  EXPECT_EQ(query->Take("absent"), std::nullopt);
  const auto errors = query->Errors("limit, q");
  ASSERT_EQ(errors.size(), 2u);
  EXPECT_EQ(errors[0].parameter, "limit");
  EXPECT_EQ(errors[0].detail, "Given 2 times; give it once");
  EXPECT_EQ(errors[1].parameter, "x");
  EXPECT_EQ(errors[1].detail, "Unknown parameter; this resource takes limit, q");
}

TEST(Query, RefusesWhatDoesNotDecode) {
  for (const std::string_view text : {"a=%", "%zz=1", "a=%ff"}) EXPECT_FALSE(QueryParameters::Parse(text)) << text;
}

TEST(ContentDisposition, GivesOldClientsAsciiAndNewOnesTheName) {
  const struct {
    std::string_view name;
    std::string_view expected;
  } cases[] = {
      {"plan.pdf", "attachment; filename=\"plan.pdf\"; filename*=UTF-8''plan.pdf"},
      {"a \"b\\c%.pdf", "attachment; filename=\"a _b_c_.pdf\"; filename*=UTF-8''a%20%22b%5Cc%25.pdf"},
      {"Küche 🏠.png", "attachment; filename=\"K_che _.png\"; filename*=UTF-8''K%C3%BCche%20%F0%9F%8F%A0.png"},
      {"x\r\ny", "attachment; filename=\"x__y\"; filename*=UTF-8''x%0D%0Ay"},
  };
  for (const auto& c : cases) EXPECT_EQ(ContentDisposition("attachment", c.name), c.expected);
}

TEST(ContentDisposition, ShowsInlineOnlyWhatRunsNothing) {
  for (const std::string_view type : {"image/png", "application/pdf", "text/plain; charset=utf-8", "video/mp4"}) {
    EXPECT_TRUE(MayBeShownInline(type)) << type;
  }
  for (const std::string_view type : {"text/html", "image/svg+xml", "application/octet-stream", "", "text/plainx"}) {
    EXPECT_FALSE(MayBeShownInline(type)) << type;
  }
}

}  // namespace
}  // namespace portal::http
