#include "http/problem.h"

#include <gtest/gtest.h>

#include <set>

namespace portal::http {
namespace {

TEST(Problems, CoverEveryErrorCodeAndNothingElse) {
  std::set<std::string_view> slugs;
  for (int code = 0; code <= static_cast<int>(base::ErrorCode::kOverBudget); ++code) {
    slugs.insert(ProblemFor(static_cast<base::ErrorCode>(code)).slug);
  }
  EXPECT_EQ(slugs.size(), AllProblems().size());
  for (const ProblemType& problem : AllProblems()) {
    EXPECT_TRUE(slugs.contains(problem.slug)) << problem.slug;
    EXPECT_EQ(FindProblem(problem.slug), &problem);
    EXPECT_FALSE(problem.explanation.empty());
  }
  EXPECT_EQ(FindProblem("no-such"), nullptr);
}

TEST(Problems, AreRenderedAsRfc9457Says) {
  const Response response = RenderProblem({base::ErrorCode::kNotFound, "Contact not found", "secret path", {}},
                                          "https://p.example", "trace-1");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"type":"https://p.example/errors/not-found","title":"Not Found","status":404,"code":"NOT_FOUND",)"
            R"("detail":"Contact not found","traceId":"trace-1"})");
}

TEST(Problems, NameEveryRefusedParameter) {
  const Response response = RenderProblem(
      {base::ErrorCode::kValidation, "2 query parameters are not valid", {}, {{"limit", "Is '0'"}, {"x\"", "Unknown"}}},
      "http://h", "t");
  EXPECT_NE(response.body.find(
                R"("errors":[{"parameter":"limit","detail":"Is '0'"},{"parameter":"x\"","detail":"Unknown"}])"),
            std::string::npos)
      << response.body;
}

TEST(Problems, CarryTheHeaderOfTheirStatus) {
  const struct {
    base::ErrorCode code;
    std::string_view name;
    std::string_view value;
    std::chrono::seconds retry_after{0};
  } cases[] = {
      {base::ErrorCode::kUnauthorized, "WWW-Authenticate", R"(Bearer realm="portal")"},
      {base::ErrorCode::kInvalidToken, "WWW-Authenticate", R"(Bearer realm="portal", error="invalid_token")"},
      {base::ErrorCode::kUnavailable, "Retry-After", "1"},
      {base::ErrorCode::kCircuitOpen, "Retry-After", "17", std::chrono::seconds{17}},
  };
  for (const auto& c : cases) {
    const Response response = RenderProblem({c.code, "x", {}, {}, {}, c.retry_after}, "http://h", "t");
    ASSERT_EQ(response.fields.size(), 1u);
    EXPECT_EQ(response.fields[0].name, c.name);
    EXPECT_EQ(response.fields[0].value, c.value);
  }
}

}  // namespace
}  // namespace portal::http
