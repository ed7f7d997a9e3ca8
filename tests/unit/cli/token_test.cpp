#include "crypto/token.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "unit/cli/command_test.h"

namespace portal::cli {
namespace {

using nlohmann::json;

class TokenCommandTest : public CommandTest {
 protected:
  TokenCommandTest() {
    Data({"tenant", "create", "acme"});
    Data({"client", "create", "--tenant", "acme", "--id", "web"});
  }

  json Json(std::vector<std::string> words) {
    words.push_back("--json");
    return json::parse(Data(words));
  }
};

TEST_F(TokenCommandTest, ATokenHasTheScopesItWasGiven) {
  const json reading = Json({"token", "create", "--client", "web"});
  EXPECT_EQ(reading["scopes"], json({"read"}));
  const json feeding = Json({"token", "create", "--client", "web", "--scopes", "read,write", "--label", "CRM"});
  EXPECT_EQ(feeding["scopes"], json({"read", "write"}));
  EXPECT_EQ(feeding["client"], "web");
  const json admin = Json({"token", "create", "--operator", "--scopes", "admin"});
  EXPECT_EQ(admin["scopes"], json({"admin"}));
  EXPECT_FALSE(admin.contains("client"));
  for (const json& made : {reading, feeding, admin})
    EXPECT_TRUE(crypto::CheckBearerTokenForm(std::string(made["token"])));

  const json list = Json({"token", "list"});
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0]["id"], admin["id"]);
  EXPECT_FALSE(list[0].contains("tenant"));
  for (const json& row : list) {
    EXPECT_TRUE(row["last_used_at"].is_null());
    EXPECT_FALSE(row.contains("token"));
  }
  EXPECT_EQ(Json({"token", "list", "--tenant", "acme"}).size(), 2u);
  const std::string table = Data({"token", "list"});
  EXPECT_NE(table.find("(operator)"), std::string::npos);
  EXPECT_NE(table.find("read,write"), std::string::npos);
}

TEST_F(TokenCommandTest, AnOperatorsTokenIsRevokedByItsIdToo) {
  const json admin = Json({"token", "create", "--operator", "--scopes", "admin,metrics"});
  Data({"token", "revoke", admin["id"]});
  EXPECT_EQ(Json({"token", "list"})[0]["state"], "revoked");
}

TEST_F(TokenCommandTest, ADeletedClientIsGoneWithItsTokens) {
  Data({"token", "create", "--client", "web"});
  EXPECT_EQ(Json({"client", "delete", "web"}), json({{"id", "web"}, {"deleted", true}}));
  EXPECT_EQ(Json({"client", "list"}).size(), 0u);
  EXPECT_EQ(Json({"token", "list"}).size(), 0u);
  EXPECT_EQ(Run({"client", "delete", "web"}).exit_code, kExitRejected);
}

TEST_F(TokenCommandTest, WhatIsWrongIsNamed) {
  struct Case {
    std::vector<std::string> words;
    const char* named;
  };
  for (const Case& given :
       {Case{{}, "--client"}, Case{{"--client", "web", "--operator", "--scopes", "admin"}, "--client"},
        Case{{"--operator"}, "--scopes"}, Case{{"--operator", "--scopes", "read"}, "\"read\""},
        Case{{"--client", "web", "--scopes", "admin"}, "\"admin\""},
        Case{{"--client", "web", "--scopes", ""}, "--scopes"},
        Case{{"--client", "web", "--scopes", "read,read"}, "read,read"},
        Case{{"--client", "web", "--scopes", "reed"}, "reed"}}) {
    std::vector<std::string> words = {"token", "create"};
    words.insert(words.end(), given.words.begin(), given.words.end());
    const Outcome outcome = Run(words);
    EXPECT_EQ(outcome.exit_code, kExitUsage) << outcome.messages;
    EXPECT_NE(outcome.messages.find(given.named), std::string::npos) << outcome.messages;
  }
  EXPECT_EQ(Json({"token", "list"}).size(), 0u);
}

}  // namespace
}  // namespace portal::cli
