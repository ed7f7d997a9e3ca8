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

/// What a document says of a route that is reached in this way (OpenAPI 3.1, "Security Requirement Object").
nlohmann::json Described(http::RouteAccess access) {
  switch (access) {
    case http::RouteAccess::kPublic:
      return nlohmann::json::parse("[]");
    case http::RouteAccess::kOptionalBearer:
      return nlohmann::json::parse(R"([{}, {"bearer": []}])");
    case http::RouteAccess::kBearer:
      return nlohmann::json::parse(R"([{"bearer": ["read"]}])");
    case http::RouteAccess::kSignedUrl:
      return nlohmann::json::parse(R"([{"signature": []}])");
    case http::RouteAccess::kScraper:
      return nlohmann::json::parse(R"([{}, {"bearer": ["metrics"]}])");
  }
  return {};
}

TEST(Routes, NeedInTheDocumentWhatTheyNeedInTheCode) {
  const auto document = nlohmann::json::parse(embedded::openapi().front().content);
  for (const RouteEntry& route : RouteTable()) {
    const auto& get = document.at("paths").at(std::string(route.pattern)).at("get");
    EXPECT_EQ(get.value("security", document.at("security")), Described(route.access)) << route.pattern;
  }
}

}  // namespace
}  // namespace portal::api
