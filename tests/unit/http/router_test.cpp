#include "http/router.h"

#include <gtest/gtest.h>

namespace portal::http {
namespace {

Router Sample() {
  const Handler none = [](const Request&) -> base::Result<Response> { return Response{}; };
  return Router({{"/v1/jobs", RouteAccess::kBearer, none},
                 {"/v1/jobs/{jobId}", RouteAccess::kBearer, none},
                 {"/v1/jobs/{jobId}/files/{fileId}", RouteAccess::kBearer, none}});
}

TEST(Router, FindsTheRouteOfAPathAndItsDecodedParameters) {
  const Router router = Sample();
  const struct {
    std::string_view path;
    std::string_view pattern;
    std::string_view first;
    std::string_view second;
  } cases[] = {
      {"/v1/jobs", "/v1/jobs", "", ""},
      {"/v1/jobs/job_1", "/v1/jobs/{jobId}", "job_1", ""},
      {"/v1/jobs/a%2Fb", "/v1/jobs/{jobId}", "a/b", ""},
      {"/v1/jobs/x/files/y%20z", "/v1/jobs/{jobId}/files/{fileId}", "x", "y z"},
  };
  for (const auto& c : cases) {
    const auto match = router.Find(c.path);
    ASSERT_TRUE(match) << c.path;
    ASSERT_NE(match->route, nullptr) << c.path;
    EXPECT_EQ(match->route->pattern, c.pattern);
    EXPECT_EQ(match->parameters[0], c.first);
    EXPECT_EQ(match->parameters[1], c.second);
  }
}

TEST(Router, FindsNothingElse) {
  const Router router = Sample();
  for (const std::string_view path :
       {"", "/", "*", "/v1/jobs/", "/v1/jobs//files/x", "/V1/jobs", "/v1/%6Aobs", "/v1/jobs/a/files",
        "/v1/jobs/a/files/b/c", "//v1/jobs", "/v1/jobs/../jobs/x/y"}) {
    const auto match = router.Find(path);
    ASSERT_TRUE(match) << path;
    EXPECT_EQ(match->route, nullptr) << path;
  }
}

TEST(Router, RefusesAParameterThatDoesNotDecode) {
  const auto match = Sample().Find("/v1/jobs/%ff");
  ASSERT_FALSE(match);
  EXPECT_EQ(match.error().code, base::ErrorCode::kBadRequest);
}

}  // namespace
}  // namespace portal::http
