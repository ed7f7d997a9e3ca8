#include "api/routes.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "embedded/openapi.h"

namespace portal::api {
namespace {

TEST(Routes, AreExactlyThePathsOfTheOpenApiDocument) {
  std::set<std::string> described;
  const auto document = nlohmann::json::parse(embedded::openapi().front().content);
  for (const auto& [path, item] : document.at("paths").items()) described.insert(path);
  std::set<std::string> routed;
  for (const RouteEntry& route : RouteTable()) routed.emplace(route.pattern);
  EXPECT_EQ(described, routed);
}

TEST(Routes, NeedABearerTokenInTheDocumentWhereTheyDoInTheCode) {
  const auto document = nlohmann::json::parse(embedded::openapi().front().content);
  for (const RouteEntry& route : RouteTable()) {
    const auto& get = document.at("paths").at(std::string(route.pattern)).at("get");
    const auto security = get.value("security", document.value("security", nlohmann::json::array()));
    bool bearer = false;
    bool anonymous = security.empty();
    for (const auto& requirement : security) (requirement.empty() ? anonymous : bearer) = true;
    const bool may_be_anonymous = route.access != http::RouteAccess::kBearer;
    EXPECT_EQ(anonymous, may_be_anonymous) << route.pattern;
    EXPECT_TRUE(bearer || may_be_anonymous) << route.pattern;
  }
}

}  // namespace
}  // namespace portal::api
