#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "unit/cli/command_test.h"

namespace portal::cli {
namespace {

using nlohmann::json;

class BudgetCommandTest : public CommandTest {
 protected:
  BudgetCommandTest() {
    Data({"tenant", "create", "acme"});
    Data({"client", "create", "--tenant", "acme", "--id", "web"});
    Data({"client", "create", "--tenant", "acme", "--id", "app"});
  }

  json Json(std::vector<std::string> words) {
    words.push_back("--json");
    return json::parse(Data(words));
  }
};

TEST_F(BudgetCommandTest, AClientsBudgetIsSetAndTakenBackAndNoOthersIs) {
  const json set = Json({"client", "budget", "web", "contacts", "600"});
  EXPECT_EQ(set["id"], "web");
  EXPECT_EQ(set["tenant"], "acme");
  EXPECT_EQ(set["budget_contacts"], 600);
  EXPECT_TRUE(set["budget_jobs"].is_null());
  Data({"client", "budget", "web", "downloads", "0"});
  const json list = Json({"client", "list"});
  EXPECT_TRUE(list[0]["budget_contacts"].is_null()) << "the other client's";
  EXPECT_EQ(list[1]["budget_contacts"], 600);
  EXPECT_EQ(list[1]["budget_downloads"], 0);
  EXPECT_TRUE(Json({"tenant", "list"})[0]["budget_contacts"].is_null());
  EXPECT_NE(Data({"client", "list"}).find("contacts 600, downloads unlimited\n"), std::string::npos);
  EXPECT_EQ(Run({"client", "budget", "web", "downloads", "default"}).messages, "budgets of client web: contacts 600\n");
  EXPECT_EQ(Run({"client", "budget", "web", "contacts", "default"}).messages, "budgets of client web: -\n");
  EXPECT_EQ(Data({"client", "list"}).find("contacts 600"), std::string::npos);
}

TEST_F(BudgetCommandTest, ATenantsBudgetIsSetAndTakenBack) {
  const json set = Json({"tenant", "budget", "acme", "jobs", "1000000000"});
  EXPECT_EQ(set["slug"], "acme");
  EXPECT_EQ(set["budget_jobs"], 1'000'000'000);
  EXPECT_EQ(Json({"tenant", "list"})[0]["budget_jobs"], 1'000'000'000);
  EXPECT_TRUE(Json({"client", "list"})[0]["budget_jobs"].is_null());
  EXPECT_NE(Data({"tenant", "list"}).find("jobs 1000000000\n"), std::string::npos);
  EXPECT_TRUE(Json({"tenant", "budget", "acme", "jobs", "default"})["budget_jobs"].is_null());
}

TEST_F(BudgetCommandTest, WhatIsWrongIsNamed) {
  const struct {
    std::vector<std::string> words;
    int exit_code;
    const char* named;
  } cases[] = {
      {{"client", "budget", "web", "contacts", "many"},
       kExitUsage,
       "N: \"many\" is neither a number of requests, 0 to"},
      {{"client", "budget", "web", "contacts", "1000000001"}, kExitUsage, "1000000001"},
      {{"client", "budget", "web", "contacts", "99999999999"}, kExitUsage, "99999999999"},
      {{"client", "budget", "web", "contacts", "6e2"}, kExitUsage, "6e2"},
      {{"client", "budget", "web", "contacts", ""}, kExitUsage, "N: \"\""},
      {{"client", "budget", "web", "pages", "5"}, kExitUsage, "POLICY"},
      {{"client", "budget", "web", "contacts"}, kExitUsage, "N is required"},
      {{"client", "budget", "nobody", "contacts", "5"}, kExitRejected, "there is no client nobody"},
      {{"tenant", "budget", "acme", "contacts", "few"}, kExitUsage, "N: \"few\""},
      {{"tenant", "budget", "Not A Slug", "contacts", "5"}, kExitUsage, "Not A Slug"},
      {{"tenant", "budget", "nobody", "contacts", "5"}, kExitRejected, "nobody"},
  };
  for (const auto& row : cases) {
    const Outcome outcome = Run(row.words);
    EXPECT_EQ(outcome.exit_code, row.exit_code) << outcome.messages;
    EXPECT_NE(outcome.messages.find(row.named), std::string::npos) << outcome.messages;
    EXPECT_EQ(outcome.data, "");
  }
  EXPECT_TRUE(Json({"client", "list"})[1]["budget_contacts"].is_null());
}

}  // namespace
}  // namespace portal::cli
