#include "config/describe.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "config/keys.h"
#include "config/toml_file.h"
#include "support/temp_folder.h"

namespace portal::config {
namespace {

/// The file with every key that is commented out switched on.
std::string Uncommented(const std::string& toml) {
  std::istringstream in(toml);
  std::string out, line;
  while (std::getline(in, line)) {
    const bool key = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    out += (key ? line.substr(1) : line) + "\n";
  }
  return out;
}

TEST(DescribeConfig, TheDefaultsAreAFileThatNamesEveryKeyAndChangesNothing) {
  const std::string toml = DefaultsAsToml();
  EXPECT_TRUE(ParseToml(toml, "f").settings.empty());
  const FileLayer layer = ParseToml(Uncommented(toml), "f");
  ASSERT_TRUE(layer.problems.empty()) << layer.problems.front();
  ASSERT_EQ(layer.settings.size(), Keys().size());
  for (const Setting& setting : layer.settings) {
    ASSERT_NE(FindKey(setting.key), nullptr) << setting.key;
    EXPECT_EQ(TomlText(FindKey(setting.key)->type, setting.value.items),
              TomlText(FindKey(setting.key)->type, FindKey(setting.key)->DefaultItems()));
  }
}

TEST(DescribeConfig, TheDefaultsSayOfEveryKeyWhetherItIsTakenAnewOnSighup) {
  const std::string toml = DefaultsAsToml();
  std::size_t reloading = 0;
  for (const Key& key : Keys()) reloading += key.reloads ? 1 : 0;
  std::size_t said = 0;
  for (std::size_t at = 0; (at = toml.find("SIGHUP.\n#", at)) != std::string::npos; ++at) ++said;
  EXPECT_EQ(said, reloading) << toml;
  EXPECT_FALSE(FindKey("listen")->reloads);
  for (const char* key : {"tls.cert", "net.idle_timeout", "log.level"}) EXPECT_TRUE(FindKey(key)->reloads) << key;
}

TEST(DescribeConfig, TheEffectiveValuesAreAFileThatGivesThemAgain) {
  portal::testing::TempFolder folder;
  Sources sources;
  sources.default_file = folder.path() / "portal.toml";
  sources.environment = {"PORTAL_LISTEN=127.0.0.1:1,127.0.0.1:2", "PORTAL_NET_LOOPS=7",
                         "PORTAL_DATA_DIR=/a \"quoted\"\\folder", "PORTAL_LOG_ACCESS=false"};
  const auto first = Load(sources);
  ASSERT_TRUE(first);
  std::ofstream(sources.default_file) << EffectiveAsToml(*first);
  sources.environment.clear();
  const auto second = Load(sources);
  ASSERT_TRUE(second) << second.error().front();
  for (const Key& key : Keys()) EXPECT_EQ(key.read(second->config), key.read(first->config)) << key.name;
}

TEST(DescribeConfig, JsonNamesValueAndOrigin) {
  Sources sources;
  sources.default_file = "/nowhere.toml";
  sources.environment = {"PORTAL_NET_LOOPS=7"};
  const std::string json = EffectiveAsJson(*Load(sources));
  EXPECT_EQ(json.find("{\"file\":null,\"certificate\":null,\"values\":{\"listen\":{\"value\":[\"127.0.0.1:3000\"],"
                      "\"origin\":\"default\"}"),
            0U)
      << json;
  EXPECT_NE(json.find("\"net.loops\":{\"value\":7,\"origin\":\"environment PORTAL_NET_LOOPS\"}"), std::string::npos);
}

TEST(DescribeConfig, NamesTheCertificateAndUntilWhenItHolds) {
  Sources sources;
  sources.default_file = "/nowhere.toml";
  const auto loaded = Load(sources);
  const CertificateFacts facts{"portal\n\"example\"", "2026-06-30T12:34:56.000Z"};
  EXPECT_NE(EffectiveAsToml(*loaded, facts)
                .find("# file: none\n# certificate: portal \"example\", until 2026-06-30T12:34:56.000Z\n"),
            std::string::npos);
  EXPECT_NE(EffectiveAsJson(*loaded, facts)
                .find(R"("certificate":{"name":"portal\n\"example\"","not_after":"2026-06-30T12:34:56.000Z"},)"),
            std::string::npos);
}

}  // namespace
}  // namespace portal::config
