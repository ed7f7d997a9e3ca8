#include "crypto/token.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "crypto/sodium.h"
#include "support/temp_folder.h"
#include "unit/cli/memory_console.h"

namespace portal::cli {
namespace {

using nlohmann::json;

class TokenCommandTest : public ::testing::Test {
 protected:
  TokenCommandTest() {
    crypto::Initialize();
    config_.data_dir = temp_.path() / "data";
    Data({"tenant", "create", "acme"});
    Data({"client", "create", "--tenant", "acme", "--id", "web"});
  }

  struct Outcome {
    int exit_code;
    std::string data;
    std::string messages;
  };
  Outcome Run(std::vector<std::string> words) {
    words.insert(words.begin(), "portal-appliance");
    std::vector<const char*> arguments;
    for (const std::string& word : words) arguments.push_back(word.c_str());
    const auto parsed = ParseCommandLine(static_cast<int>(arguments.size()), arguments.data());
    if (const auto* reply = std::get_if<Reply>(&parsed)) return {reply->exit_code, {}, reply->text};
    const Command& command = std::get<CommandLine>(parsed).command;
    MemoryFile data, messages;
    Console console(data.file(), messages.file(), {});
    int exit_code = -1;
    if (const auto* tenant = std::get_if<TenantCommand>(&command)) exit_code = Tenant(*tenant, config_, console);
    if (const auto* client = std::get_if<ClientCommand>(&command)) exit_code = Client(*client, config_, console);
    if (const auto* token = std::get_if<TokenCommand>(&command)) exit_code = Token(*token, config_, console);
    return {exit_code, data.Text(), messages.Text()};
  }
  std::string Data(const std::vector<std::string>& words) {
    const Outcome outcome = Run(words);
    EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.messages;
    return outcome.data;
  }
  json Json(std::vector<std::string> words) {
    words.push_back("--json");
    return json::parse(Data(words));
  }

  const testing::TempFolder temp_;
  config::Config config_;
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
