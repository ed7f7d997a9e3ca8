#include "config/load.h"

#include <gtest/gtest.h>

#include <fstream>

#include "config/keys.h"
#include "support/temp_folder.h"

namespace portal::config {
namespace {

using Layer = Origin::Layer;

/// One key of each type, with a value of its own for each layer, in the file's notation and as text.
struct Sample {
  std::string_view key;
  struct Value {
    std::string toml, text, effective;  // `effective` as check-config shows it
  } file, environment, flag;
};

const std::vector<Sample>& Samples() {
  static const std::vector<Sample> samples = {
      {"listen",
       {R"(["127.0.0.1:1", "127.0.0.1:2"])", "", R"(["127.0.0.1:1", "127.0.0.1:2"])"},
       {"", "127.0.0.1:3,[::1]:4", R"(["127.0.0.1:3", "[::1]:4"])"},
       {"", "127.0.0.1:5", R"(["127.0.0.1:5"])"}},
      {"net.trusted_proxies",
       {R"(["10.0.0.0/8"])", "", R"(["10.0.0.0/8"])"},
       {"", "unix, 192.0.2.1", R"(["unix", "192.0.2.1"])"},
       {"", "", "[]"}},
      {"public_url",
       {R"("https://file.example")", "", R"("https://file.example")"},
       {"", "https://environment.example/", R"("https://environment.example")"},
       {"", "https://flag.example", R"("https://flag.example")"}},
      {"net.loops", {"1", "", "1"}, {"", "2", "2"}, {"", "3", "3"}},
      {"log.access", {"false", "", "false"}, {"", "true", "true"}, {"", "false", "false"}},
      {"signed_urls.ttl", {R"("1m")", "", R"("1m")"}, {"", "2m", R"("2m")"}, {"", "3m", R"("3m")"}},
  };
  return samples;
}

class Layers : public ::testing::Test {
 protected:
  Sources None() const {
    Sources sources;
    sources.default_file = folder_.path() / "nowhere.toml";
    return sources;
  }
  std::filesystem::path Write(const std::string& text, const std::string& name = "portal.toml") const {
    const std::filesystem::path path = folder_.path() / name;
    std::ofstream(path) << text;
    return path;
  }
  static Setting Flag(const Key& key, std::vector<std::string> items) {
    return {std::string(key.name), {RawValue::Form::kUntyped, std::move(items)}, {Layer::kFlag, "flag " + key.Flag()}};
  }
  static std::string Effective(const Loaded& loaded, const Key& key) {
    return TomlText(key.type, key.read(loaded.config));
  }
  /// The problems of a file with this text, which must have some.
  Problems ProblemsOf(const std::string& toml) const {
    Sources sources = None();
    sources.config_flag = Write(toml).string();
    const auto loaded = Load(sources);
    return loaded ? Problems{} : loaded.error();
  }

  portal::testing::TempFolder folder_;
};

TEST_F(Layers, FlagBeatsEnvironmentBeatsFileBeatsDefaultForEveryTypeAndEveryPair) {
  for (const Sample& sample : Samples()) {
    const Key& key = *FindKey(sample.key);
    for (unsigned given = 0; given < 8; ++given) {
      const bool file = given & 1, environment = given & 2, flag = given & 4;
      Sources sources = None();
      if (file) {
        const std::filesystem::path path = Write(std::string(sample.key) + " = " + sample.file.toml);
        sources.config_flag = path.string();
      }
      if (environment) sources.environment = {key.Variable() + "=" + sample.environment.text};
      if (flag) sources.flags = {Flag(key, {sample.flag.text})};
      const auto loaded = Load(sources);
      ASSERT_TRUE(loaded) << loaded.error().front();

      std::vector<std::string> defaults = key.DefaultItems();
      const std::string expected = flag          ? sample.flag.effective
                                   : environment ? sample.environment.effective
                                   : file        ? sample.file.effective
                                                 : TomlText(key.type, defaults);
      EXPECT_EQ(Effective(*loaded, key), expected) << sample.key << " given " << given;
      const Layer layer = flag          ? Layer::kFlag
                          : environment ? Layer::kEnvironment
                          : file        ? Layer::kFile
                                        : Layer::kDefault;
      EXPECT_EQ(loaded->OriginOf(sample.key).layer, layer) << sample.key << " given " << given;
    }
  }
}

TEST_F(Layers, PathsThatAreNoneAreNamedForWhatTheyShouldBe) {
  const struct {
    const char* key;
    std::string value;
    const char* expected;
  } cases[] = {{"data_dir", "", "expected the path of a folder"},
               {"data_dir", std::string("a\0b", 3), "expected the path of a folder"},
               {"port_file", std::string("a\0b", 3), "expected the path of a file"}};
  for (const auto& row : cases) {
    Sources sources = None();
    sources.flags = {Flag(*FindKey(row.key), {row.value})};
    const auto loaded = Load(sources);
    ASSERT_FALSE(loaded) << row.key;
    EXPECT_NE(loaded.error().front().find(row.expected), std::string::npos) << loaded.error().front();
  }
}

TEST_F(Layers, EveryKeyReadsBackItsDefaultAndWhatItShows) {
  const auto loaded = Load(None());
  ASSERT_TRUE(loaded);
  for (const Key& key : Keys()) {
    EXPECT_EQ(Effective(*loaded, key), TomlText(key.type, key.DefaultItems())) << key.name;
    Config again;
    EXPECT_FALSE(key.apply(key.read(loaded->config), again)) << key.name;
    EXPECT_EQ(key.read(again), key.read(loaded->config)) << key.name;
  }
  EXPECT_EQ(loaded->config.signed_urls.ttl, std::chrono::minutes{15});
  EXPECT_EQ(loaded->config.net.head_timeout, std::chrono::seconds{10});
}

TEST_F(Layers, OriginsNameFlagVariableAndTheLineOfTheFile) {
  Sources sources = None();
  const auto path = Write("data_dir = \"/a\"\n\n[net]\n  loops = 4\n");
  sources.config_flag = path.string();
  sources.environment = {"PORTAL_LOG_LEVEL=debug", "PATH=/bin"};
  sources.flags = {Flag(*FindKey("port_file"), {"/p"})};
  const auto loaded = Load(sources);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->OriginOf("data_dir").place, path.string() + ":1:1");
  EXPECT_EQ(loaded->OriginOf("net.loops").place, path.string() + ":4:3");
  EXPECT_EQ(loaded->OriginOf("log.level").place, "environment PORTAL_LOG_LEVEL");
  EXPECT_EQ(loaded->OriginOf("port_file").place, "flag --port-file");
  EXPECT_EQ(loaded->OriginOf("listen").place, "default");
  EXPECT_EQ(loaded->file, path);
}

TEST_F(Layers, TheFlagNamesTheFileBeforeTheVariableBeforeTheUsualPlace) {
  const auto by_flag = Write("net.loops = 1", "flag.toml");
  const auto by_variable = Write("net.loops = 2", "variable.toml");
  Sources sources;
  sources.default_file = Write("net.loops = 3", "usual.toml");
  EXPECT_EQ(Load(sources)->config.net.loops, 3U);
  sources.environment = {"PORTAL_CONFIG=" + by_variable.string()};
  EXPECT_EQ(Load(sources)->config.net.loops, 2U);
  sources.config_flag = by_flag.string();
  EXPECT_EQ(Load(sources)->config.net.loops, 1U);
  sources.config_flag = (folder_.path() / "missing.toml").string();
  ASSERT_FALSE(Load(sources));
  EXPECT_NE(Load(sources).error().front().find("missing.toml: the configuration file cannot be read: No such file"),
            std::string::npos);
}

TEST_F(Layers, OnlyAUsualFileThatIsNotThereIsDoneWithout) {
  namespace fs = std::filesystem;
  const fs::path loop = folder_.path() / "loop.toml";
  fs::create_symlink(loop, loop);
  fs::create_directory(folder_.path() / "folder.toml");
  const struct {
    fs::path file;
    std::string says;  // empty: it is not there
  } cases[] = {{folder_.path() / "nowhere.toml", ""},
               {folder_.path() / "nowhere" / "portal.toml", ""},
               {Write("", "file") / "portal.toml", ""},
               {loop, "Too many levels of symbolic links. Put it there, or name another with --config"},
               {folder_.path() / "folder.toml", "Is a directory. Put it there, or name another with --config"}};
  for (const auto& row : cases) {
    Sources sources;
    sources.default_file = row.file;
    const auto loaded = Load(sources);
    ASSERT_EQ(loaded.has_value(), row.says.empty()) << row.file;
    if (loaded) {
      EXPECT_FALSE(loaded->file) << row.file;
      continue;
    }
    const std::string expected = row.file.string() + ": the configuration file cannot be read: " + row.says;
    EXPECT_NE(loaded.error().front().find(expected), std::string::npos) << loaded.error().front();
  }
}

TEST_F(Layers, AFileThatWasReadAtTheStartMustBeThereOnAReload) {
  Sources sources;
  sources.default_file = Write("net.loops = 3", "usual.toml");
  const Sources again = SourcesForReload(sources, *Load(sources));
  EXPECT_EQ(Load(again)->config.net.loops, 3U);
  Write("net.loops = 4", "usual.toml");
  EXPECT_EQ(Load(again)->config.net.loops, 4U);
  std::filesystem::remove(sources.default_file);
  ASSERT_FALSE(Load(again));
  EXPECT_NE(Load(again).error().front().find("usual.toml: the configuration file cannot be read: No such file"),
            std::string::npos);
  // Where there was none, one may come.
  const Sources without = SourcesForReload(sources, *Load(sources));
  EXPECT_TRUE(Load(without));
  Write("net.loops = 5", "usual.toml");
  EXPECT_EQ(Load(without)->config.net.loops, 5U);
}

TEST_F(Layers, BadFilesAreRefusedWithPlaceKeyAndRemedy) {
  struct Case {
    std::string toml;
    std::vector<std::string> says;
  };
  const std::vector<Case> cases = {
      {"lisen = [\"127.0.0.1:1\"]", {":1:1: there is no key \"lisen\". Did you mean \"listen\"?"}},
      {"[net]\nlops = 3", {":2:1: there is no key \"net.lops\". Did you mean \"net.loops\"?"}},
      {"zebra = 1", {"there is no key \"zebra\"", "--defaults"}},
      {"[[listen]]\na = 1", {"listen: expected a list of texts"}},
      {"listen = \"127.0.0.1:1\"", {"listen: expected a list of texts"}},
      {"listen = [1]", {"listen: expected a list of texts"}},
      {"listen = []", {"listen: ", "at least one address"}},
      {"listen = [\"localhost:1\"]", {"listen: \"localhost:1\" is not valid, expected a numeric address"}},
      {"net.loops = \"3\"", {"net.loops: expected a whole number without quotes"}},
      {"net.max_connections = -1", {"net.max_connections: \"-1\" is not valid, expected a whole number from 0 to"}},
      {"net.min_send_rate = \"240\"", {"net.min_send_rate: expected a whole number without quotes"}},
      {"net.handshake_timeout = \"0s\"", {"net.handshake_timeout: \"0s\" is not valid, expected a duration from"}},
      {"net.loops = -1", {"net.loops: \"-1\" is not valid, expected a whole number from 0 to 256"}},
      {"net.loops = 1.5", {"net.loops: expected a whole number"}},
      {"log.access = \"true\"", {"log.access: expected true or false without quotes"}},
      {"log.level = \"loud\"", {"log.level: \"loud\" is not valid, expected debug, info"}},
      {"signed_urls.ttl = 900", {"signed_urls.ttl: expected text in quotes"}},
      {"signed_urls.ttl = \"16m\"", {"signed_urls.ttl: \"16m\" is not valid, expected a duration from 1s to 15m"}},
      {"backup.every = \"1 day\"", {"backup.every: \"1 day\" is not valid, expected a duration from 1s", "or 0"}},
      {"backup.keep = -1", {"backup.keep: \"-1\" is not valid, expected a whole number from 0"}},
      {"signed_urls.ttl = \"1500ms\"", {"signed_urls.ttl: \"1500ms\" is not valid, expected whole seconds"}},
      {"slo.availability = 99.9", {"slo.availability: expected text in quotes"}},
      {"slo.availability = \"100%\"", {"slo.availability: \"100%\" is not valid, expected a percentage from 50% to"}},
      {"public_url = \"https://a/b\"", {"public_url: \"https://a/b\" is not valid, expected http:// or https://"}},
      {"data_dir = \"\"", {"data_dir: \"\" is not valid"}},
      {"net = 3", {"there is no key \"net\""}},
      {"a = ", {":1:", "not valid TOML"}},
      {"net.loops = 1\nnet.loops = 2", {":2:", "not valid TOML"}},
      {"a = \"\xFF\"", {"not valid TOML"}},
  };
  for (const Case& c : cases) {
    const Problems problems = ProblemsOf(c.toml);
    ASSERT_EQ(problems.size(), 1U) << c.toml;
    EXPECT_NE(problems.front().find(folder_.path().string()), std::string::npos) << problems.front();
    for (const std::string& part : c.says) {
      EXPECT_NE(problems.front().find(part), std::string::npos) << problems.front() << "\nlacks " << part;
    }
  }
}

TEST_F(Layers, KeysThatContradictEachOtherAreRefusedWithTheirPlacesAndTheRemedy) {
  struct Case {
    std::string toml;
    std::vector<std::string> says;
  };
  const std::vector<Case> cases = {
      {"[tls]\ncert = \"c.pem\"", {":2:1: tls.cert is set and tls.key is not", "Set tls.key too, or neither"}},
      {"[tls]\nkey = \"k.pem\"", {":2:1: tls.key is set and tls.cert is not", "Set tls.cert too, or neither"}},
      {"[net]\ntrusted_proxies = [\"10.0.0.0/8\", \"10.0.0.1/8\"]",
       {":2:1: net.trusted_proxies: ", "network without host bits", "\"10.0.0.1/8\" is none of them"}},
      {"[cors]\nallowed_origins = [\"https://app.example.com\", \"https://*.example.com\"]",
       {":2:1: cors.allowed_origins: ", "\"https://*.example.com\" is none", "wildcard"}},
      {"net.trusted_proxies = [\"*\"]", {"net.trusted_proxies: ", "\"*\" is none of them"}},
      {"listen = [\"127.0.0.1:1\", \"https://127.0.0.1:2\"]",
       {":1:1: listen: \"https://127.0.0.1:2\" needs a certificate", "set tls.cert and tls.key, or write http://"}},
      {"[backup]\nevery = \"1d\"", {":2:1: backup.every needs a place for the backups: set backup.dir"}},
      {"[breakers]\nmin_calls = 30",
       {":2:1: breakers.min_calls: 30 calls never fit into the 20 of breakers.window", "make min_calls smaller"}},
      {"listen = [\"https://unix:/s\"]", {"\"https://unix:/s\" needs a certificate"}},
      {"listen = [\"127.0.0.1:1\", \"127.0.0.1:2\", \"127.0.0.1:1\"]",
       {":1:1: listen: \"127.0.0.1:1\" is listed twice. Remove one of the two"}},
      {"listen = [\"127.0.0.1:1\", \"http://127.0.0.1:1\"]",
       {"listen: \"http://127.0.0.1:1\" is the same place as \"127.0.0.1:1\". Remove"}},
      {"listen = [\"[::1]:1\", \"[0::1]:1\"]", {"\"[0::1]:1\" is the same place as \"[::1]:1\""}},
      {"listen = [\"unix:/s\", \"unix:/s\"]", {"\"unix:/s\" is listed twice"}},
      {"listen = [\"systemd:web\", \"systemd:web\"]", {"\"systemd:web\" is listed twice"}},
      {"listen = [\"127.0.0.1:1\"]\n[control]\nlisten = \"http://127.0.0.1:1\"",
       {":3:1: control.listen: \"http://127.0.0.1:1\" is the same place as \"127.0.0.1:1\". Choose another"}},
      {"[control]\nlisten = \"https://127.0.0.1:1\"",
       {":2:1: control.listen: \"https://127.0.0.1:1\" needs a certificate", "write http://"}},
      {"[control]\nlisten = \"systemd\"", {"control.listen: \"systemd\" is not valid", "sockets are for listen"}},
  };
  for (const Case& c : cases) {
    const Problems problems = ProblemsOf(c.toml);
    ASSERT_EQ(problems.size(), 1U) << c.toml;
    for (const std::string& part : c.says) {
      EXPECT_NE(problems.front().find(part), std::string::npos) << problems.front() << "\nlacks " << part;
    }
  }
  for (const char* listen : {R"("127.0.0.1:0", "127.0.0.1:0")", R"("127.0.0.1:1", "127.0.0.1:2")",
                             R"("127.0.0.1:1", "[::1]:1")", R"("systemd", "systemd:web")"}) {
    EXPECT_TRUE(ProblemsOf("listen = [" + std::string(listen) + "]").empty()) << listen;
  }
  const std::string pair = "tls.cert = \"c.pem\"\ntls.key = \"k.pem\"\n";
  EXPECT_TRUE(ProblemsOf(pair + "listen = [\"https://127.0.0.1:1\", \"http://127.0.0.1:2\"]").empty());
}

TEST_F(Layers, EveryProblemOfEveryLayerIsReportedAtOnce) {
  Sources sources = None();
  sources.config_flag = Write("zebra = 1\nnet.loops = 999\n").string();
  sources.environment = {"PORTAL_NET_LOOPS=many", "PORTAL_LISTN=x"};
  sources.flags = {Flag(*FindKey("log.level"), {"loud"})};
  const auto loaded = Load(sources);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().size(), 5U);
}

TEST_F(Layers, AVariableThatLooksLikeAKeyIsRefusedAndOthersAreLeftAlone) {
  struct Case {
    std::string entry, meant;
  };
  for (const Case& c :
       {Case{"PORTAL_LISTN=x", "PORTAL_LISTEN"}, Case{"PORTAL_DATADIR=x", "PORTAL_DATA_DIR"},
        Case{"PORTAL_LOOPS=1", "PORTAL_NET_LOOPS"}, Case{"PORTAL_NET_THREADS=1", "PORTAL_NET_"},
        Case{"PORTAL_CONFG=x", "PORTAL_CONFIG"}, Case{"PORTAL_LOG=debug", "PORTAL_LOG_"},
        Case{"PORTAL_TTL=1m", "PORTAL_SIGNED_URLS_TTL"}, Case{"PORTAL_PORT=3000", "PORTAL_PORT_FILE"}}) {
    Sources sources = None();
    sources.environment = {c.entry};
    const auto loaded = Load(sources);
    ASSERT_FALSE(loaded) << c.entry;
    EXPECT_NE(loaded.error().front().find("Did you mean " + c.meant), std::string::npos) << loaded.error().front();
  }
  Sources sources = None();
  sources.environment = {"PORTAL_BINARY=x",
                         "PORTAL_SERVICE_HOST=10.0.0.1",
                         "PORTAL_PORT=tcp://10.0.0.1:3000",
                         "portal_listen=x",
                         "PORTAL_PORT_3000_TCP_ADDR=10.0.0.1",
                         "PORTALLISTEN=x",
                         "PORTAL_SERVICE_PORT=1",
                         "NOEQUALS"};
  const auto loaded = Load(sources);
  EXPECT_TRUE(loaded) << loaded.error().front();
}

}  // namespace
}  // namespace portal::config
