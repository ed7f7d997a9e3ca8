#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/time_text.h"
#include "crypto/key_file.h"
#include "unit/cli/command_test.h"

namespace portal::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Key commands against a data folder that has keys and nothing else: they need no database.
class KeysCommandTest : public CommandTest {
 protected:
  KeysCommandTest() {
    fs::create_directory(config_.data_dir);
    EXPECT_TRUE(crypto::EnsureKeyFile(config_.data_dir / "keys", base::SystemClock().Wall()));
  }

  Outcome Run(std::vector<std::string> words) {
    words.insert(words.begin(), "keys");
    return CommandTest::Run(std::move(words));
  }
  json Json(std::vector<std::string> words) {
    words.insert(words.begin(), "keys");
    words.push_back("--json");
    return json::parse(Data(words));
  }
  std::vector<std::string> Ids() {
    std::vector<std::string> ids;
    for (const json& key : Json({"list"})) ids.push_back(key["id"]);
    return ids;
  }
};

TEST_F(KeysCommandTest, RotatingLeavesTheOldKeyForTheLifeOfAUrlAndAMinute) {
  const std::string first = Ids().at(0);
  const json rotated = Json({"rotate"});
  EXPECT_EQ(rotated["retired"], first);
  const json list = Json({"list"});
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0]["id"], rotated["signing"]);
  EXPECT_EQ(list[0]["state"], "signing");
  EXPECT_TRUE(list[0]["verify_until"].is_null());
  EXPECT_EQ(list[1]["id"], first);
  EXPECT_EQ(list[1]["state"], "verifying");
  EXPECT_EQ(list[1]["verify_until"], rotated["verify_until"]);
  const auto made = base::ParseRfc3339(std::string(list[0]["created_at"]));
  const auto until = base::ParseRfc3339(std::string(list[1]["verify_until"]));
  EXPECT_EQ(*until - *made, config_.signed_urls.ttl + std::chrono::minutes{1});
}

TEST_F(KeysCommandTest, TheOverlapCanBeGivenAndBeNone) {
  Json({"rotate", "--overlap", "2h"});
  Json({"rotate", "--overlap", "0s"});
  const json list = Json({"list"});
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[1]["state"], "ended");
  EXPECT_EQ(list[2]["state"], "verifying");
}

TEST_F(KeysCommandTest, OneKeyOrAllAreRevoked) {
  Json({"rotate"});
  const auto before = Ids();
  const json one = Json({"revoke", before[1]});
  EXPECT_EQ(one["revoked"], json({before[1]}));
  EXPECT_EQ(one["signing"], before[0]);
  EXPECT_EQ(Ids(), std::vector<std::string>{before[0]});
  Json({"rotate"});
  const auto again = Ids();
  const json all = Json({"revoke", "--all"});
  EXPECT_EQ(all["revoked"], json(again));
  EXPECT_EQ(Ids(), std::vector<std::string>{all["signing"]});
  EXPECT_EQ(std::count(again.begin(), again.end(), all["signing"]), 0);
}

TEST_F(KeysCommandTest, NoSecretIsShown) {
  const auto keys = crypto::ReadKeyFile(config_.data_dir / "keys");
  ASSERT_TRUE(keys);
  std::ifstream file(config_.data_dir / "keys" / crypto::kKeyFileName);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string secret = json::parse(text)["keys"][0]["secret"];
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"list"}, {"list", "--json"}, {"rotate"}, {"rotate", "--json"}, {"revoke", "--all", "--json"}}) {
    const Outcome outcome = Run(words);
    EXPECT_EQ(outcome.exit_code, kExitOk);
    EXPECT_EQ((outcome.data + outcome.messages).find(secret), std::string::npos);
  }
}

TEST_F(KeysCommandTest, WhatIsWrongIsNamed) {
  struct Case {
    std::vector<std::string> words;
    int exit_code;
    const char* named;
  };
  for (const Case& given :
       {Case{{"revoke"}, kExitUsage, "--all"}, Case{{"revoke", "key_x", "--all"}, kExitUsage, "--all"},
        Case{{"revoke", "key_x"}, kExitRejected, "key_x"}, Case{{"rotate", "--overlap", "soon"}, kExitUsage, "soon"},
        Case{{"rotate", "--overlap", "31d"}, kExitUsage, "31d"},
        Case{{"rotate", "--overlap", ""}, kExitUsage, "--overlap"}}) {
    const Outcome outcome = Run(given.words);
    EXPECT_EQ(outcome.exit_code, given.exit_code) << outcome.messages;
    EXPECT_NE(outcome.messages.find(given.named), std::string::npos) << outcome.messages;
  }
  fs::remove_all(config_.data_dir / "keys");
  for (const char* action : {"list", "rotate"}) {
    EXPECT_EQ(Run({action}).exit_code, kExitRejected) << action;
    EXPECT_FALSE(fs::exists(config_.data_dir / "keys")) << "looking makes nothing";
  }
}

}  // namespace
}  // namespace portal::cli
