#include "control/routes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>

#include "base/resource.h"
#include "control/test_routes.h"
#include "embedded/control_openapi.h"
#include "embedded/control_test_openapi.h"

namespace portal::control {
namespace {

/// A table of routes and its description: the control plane's, and what test mode adds to it.
struct Table {
  const char* name;
  std::span<const Route> (*routes)();
  std::span<const base::Resource> (*document)();
};
constexpr Table kTables[] = {{"ControlPlane", &RouteTable, &embedded::control_openapi},
                             {"TestMode", &TestRouteTable, &embedded::control_test_openapi}};

class Routes : public testing::TestWithParam<Table> {
 protected:
  const nlohmann::json& Document() const { return document_; }
  static std::span<const Route> All() { return GetParam().routes(); }

 private:
  const nlohmann::json document_ = nlohmann::json::parse(GetParam().document().front().content);
};

INSTANTIATE_TEST_SUITE_P(OfBoth, Routes, testing::ValuesIn(kTables),
                         [](const auto& table) { return table.param.name; });

std::string MethodOf(const Route& route) {
  std::string method(http::ToText(route.method));
  std::ranges::transform(method, method.begin(), [](char c) { return static_cast<char>(c | 0x20); });
  return method;
}

TEST_P(Routes, AreExactlyTheOperationsOfTheOpenApiDocument) {
  std::set<std::string> described;
  for (const auto& [path, item] : Document().at("paths").items()) {
    for (const auto& [method, operation] : item.items()) {
      if (method != "parameters") described.insert(method + " " + path);
    }
  }
  std::set<std::string> routed;
  for (const Route& route : All()) {
    EXPECT_TRUE(routed.insert(MethodOf(route) + " " + std::string(route.pattern)).second) << route.pattern;
  }
  EXPECT_EQ(described, routed);
}

/// What the document says of a route with these needs: any one of the requirements will do, and the names in one are
/// scopes (OpenAPI 3.1, "Security Requirement Object").
nlohmann::json SecurityOf(Needs needs) {
  switch (needs) {
    case Needs::kNothing:
      return nlohmann::json::parse("[]");
    case Needs::kAnyToken:
      return nlohmann::json::parse(R"([{"bearer": []}])");
    case Needs::kRead:
      return nlohmann::json::parse(R"([{"bearer": ["read"]}, {"bearer": ["admin"]}])");
    case Needs::kWrite:
      return nlohmann::json::parse(R"([{"bearer": ["write"]}, {"bearer": ["admin"]}])");
    case Needs::kAdmin:
      return nlohmann::json::parse(R"([{"bearer": ["admin"]}])");
    case Needs::kMetrics:
      return nlohmann::json::parse(R"([{"bearer": ["metrics"]}, {"bearer": ["admin"]}])");
  }
  return {};
}

TEST_P(Routes, NeedInTheDocumentWhatTheyNeedInTheCode) {
  for (const Route& route : All()) {
    const auto& operation = Document().at("paths").at(std::string(route.pattern)).at(MethodOf(route));
    EXPECT_EQ(operation.value("security", Document().at("security")), SecurityOf(route.needs))
        << MethodOf(route) << " " << route.pattern;
  }
}

/// The document's names of a route's query parameters, with those that the whole path has.
std::set<std::string> DescribedQuery(const nlohmann::json& document, const Route& route) {
  std::set<std::string> names;
  const auto& item = document.at("paths").at(std::string(route.pattern));
  for (const nlohmann::json& holder : {item, item.at(MethodOf(route))}) {
    for (nlohmann::json parameter : holder.value("parameters", nlohmann::json::array())) {
      if (parameter.contains("$ref")) {
        parameter = document.at(nlohmann::json::json_pointer(parameter.at("$ref").get<std::string>().substr(1)));
      }
      if (parameter.at("in") == "query") names.insert(parameter.at("name").get<std::string>());
    }
  }
  return names;
}

TEST_P(Routes, KnowTheQueryParametersThatTheDocumentDescribes) {
  for (const Route& route : All()) {
    if (route.query == kAnyQuery) continue;
    std::set<std::string> known;
    std::string text(route.query);
    std::erase(text, ' ');
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t comma = std::min(text.find(',', at), text.size());
      known.insert(text.substr(at, comma - at));
      at = comma + 1;
    }
    EXPECT_EQ(known, DescribedQuery(Document(), route)) << MethodOf(route) << " " << route.pattern;
  }
}

}  // namespace
}  // namespace portal::control
