#include "cli/command_line.h"

#include <gtest/gtest.h>

#include "base/time_text.h"
#include "cli/exit_code.h"

namespace portal::cli {
namespace {

std::variant<CommandLine, Reply> Parse(std::vector<const char*> words) {
  words.insert(words.begin(), "portal-appliance");
  return ParseCommandLine(static_cast<int>(words.size()), words.data());
}

/// The command that these words ask for; the test fails where they ask for another, or are refused.
template <typename T>
T Asked(const std::vector<const char*>& words) {
  const auto parsed = Parse(words);
  if (const auto* reply = std::get_if<Reply>(&parsed)) {
    ADD_FAILURE() << reply->text;
    return {};
  }
  const auto* command = std::get_if<T>(&std::get<CommandLine>(parsed).command);
  EXPECT_NE(command, nullptr);
  return command ? *command : T{};
}

TEST(CommandLineParser, ServesWithoutACommand) {
  EXPECT_FALSE(Asked<ServeCommand>({}).seed);
  EXPECT_FALSE(Asked<ServeCommand>({"serve"}).seed);
  EXPECT_TRUE(Asked<ServeCommand>({"--seed"}).seed);
  EXPECT_TRUE(Asked<ServeCommand>({"serve", "--seed"}).seed);
}

TEST(CommandLineParser, ServesATestAsItIsTold) {
  const auto serve = Asked<ServeCommand>({"--test-mode", "--random-seed", "18446744073709551615", "--clock",
                                          "2025-09-01T10:15:00Z", "--ready-file", "r.json", "--exit-with-parent"});
  EXPECT_TRUE(serve.test_mode);
  EXPECT_TRUE(serve.InMemory());
  EXPECT_TRUE(serve.exit_with_parent);
  EXPECT_EQ(serve.random_seed, UINT64_MAX);
  EXPECT_EQ(serve.clock, base::ParseRfc3339("2025-09-01T10:15:00Z"));
  EXPECT_EQ(serve.ready_file, "r.json");
  EXPECT_TRUE(Asked<ServeCommand>({"serve", "--seed", "--ephemeral"}).InMemory());
  EXPECT_FALSE(Asked<ServeCommand>({"serve", "--seed"}).InMemory());
}

TEST(CommandLineParser, TakesConfigurationFlagsBeforeAndBehindTheCommand) {
  for (const auto& words :
       {std::vector<const char*>{"--net-loops", "3", "--listen", "a", "--listen", "b", "tenant", "list"},
        std::vector<const char*>{"tenant", "list", "--net-loops=3", "--listen=a", "--listen=b"}}) {
    const auto parsed = Parse(words);
    ASSERT_TRUE(std::holds_alternative<CommandLine>(parsed)) << std::get<Reply>(parsed).text;
    const auto& line = std::get<CommandLine>(parsed);
    ASSERT_EQ(line.settings.size(), 2U);
    EXPECT_EQ(line.settings[0].key, "listen");
    EXPECT_EQ(line.settings[0].value.items, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(line.settings[1].key, "net.loops");
    EXPECT_EQ(line.settings[1].value.items, std::vector<std::string>{"3"});
    EXPECT_EQ(line.settings[1].origin.place, "flag --net-loops");
  }
}

TEST(CommandLineParser, TakesEmptyAndNegativeValuesAsValues) {
  for (const auto& words : {std::vector<const char*>{"--port-file=", "--net-loops", "-1", "serve"},
                            std::vector<const char*>{"--port-file", "", "--net-loops=-1", "serve"}}) {
    const auto parsed = Parse(words);
    ASSERT_TRUE(std::holds_alternative<CommandLine>(parsed)) << std::get<Reply>(parsed).text;
    const auto& settings = std::get<CommandLine>(parsed).settings;
    ASSERT_EQ(settings.size(), 2U);
    EXPECT_EQ(settings[0].value.items, std::vector<std::string>{""});
    EXPECT_EQ(settings[1].value.items, std::vector<std::string>{"-1"});
  }
}

TEST(CommandLineParser, UnderstandsImports) {
  const auto contacts = Asked<ImportCommand>({"import", "contacts", "c.csv", "--tenant", "acme"});
  EXPECT_EQ(contacts.file, "c.csv");
  EXPECT_EQ(contacts.tenant, "acme");
  EXPECT_EQ(contacts.options.kind, service::ImportKind::kContacts);
  EXPECT_EQ(contacts.options.on_bad_row, service::OnBadRow::kStop);
  EXPECT_EQ(contacts.options.batch_rows, 10'000U);
  EXPECT_FALSE(contacts.format);
  const auto jobs = Asked<ImportCommand>({"import", "jobs", "-", "--tenant=acme", "--format=ndjson", "--on-error=skip",
                                          "--batch=5", "--ignore-unknown", "--quiet", "--json"});
  EXPECT_EQ(jobs.file, "-");
  EXPECT_EQ(jobs.options.kind, service::ImportKind::kJobs);
  EXPECT_EQ(jobs.options.on_bad_row, service::OnBadRow::kSkip);
  EXPECT_EQ(jobs.options.batch_rows, 5U);
  EXPECT_TRUE(jobs.options.ignore_unknown_columns);
  EXPECT_EQ(jobs.format, service::ImportFormat::kNdjson);
  EXPECT_TRUE(jobs.quiet && jobs.json);
}

TEST(CommandLineParser, UnderstandsTenantsClientsTokensAndFiles) {
  const auto tenant = Asked<TenantCommand>({"tenant", "create", "acme", "--name", "Acme Inc", "--json"});
  EXPECT_EQ(tenant.action, TenantCommand::Action::kCreate);
  EXPECT_EQ(tenant.slug, "acme");
  EXPECT_EQ(tenant.name, "Acme Inc");
  EXPECT_TRUE(tenant.json);
  EXPECT_EQ(Asked<TenantCommand>({"tenant", "suspend", "acme"}).action, TenantCommand::Action::kSuspend);
  EXPECT_EQ(Asked<TenantCommand>({"tenant", "resume", "acme"}).action, TenantCommand::Action::kResume);
  const auto client = Asked<ClientCommand>({"client", "create", "--tenant", "acme", "--id", "web"});
  EXPECT_EQ(client.tenant + "/" + client.id, "acme/web");
  EXPECT_EQ(Asked<ClientCommand>({"client", "revoke", "web"}).action, ClientCommand::Action::kRevoke);
  const auto token = Asked<TokenCommand>({"token", "create", "--client", "web", "--expires", "30d", "--label", "CI"});
  EXPECT_EQ(token.expires_in, std::chrono::hours{24 * 30});
  EXPECT_EQ(token.label, "CI");
  EXPECT_EQ(Asked<TokenCommand>({"token", "revoke", "tok_1"}).id, "tok_1");
  const auto put = Asked<FilePutCommand>({"file", "put", "a", "b", "--tenant", "t", "--job", "j", "--kind", "photo"});
  EXPECT_EQ(put.paths.size(), 2U);
  EXPECT_EQ(put.kind, model::FileKind::kPhoto);
  EXPECT_TRUE(Asked<VersionCommand>({"version", "--json"}).json);
  EXPECT_FALSE(Asked<VersionCommand>({"--version"}).json);
  EXPECT_TRUE(Asked<CheckConfigCommand>({"check-config", "--defaults"}).defaults);
}

TEST(CommandLineParser, RefusesWhatItDoesNotKnowAndNamesTheNearest) {
  struct Case {
    std::vector<const char*> words;
    std::string says;
  };
  const std::vector<Case> cases = {
      {{"--nt-loops", "3"}, "there is no flag --nt-loops. Did you mean --net-loops?"},
      {{"--nt-loops=3"}, "there is no flag --nt-loops. Did you mean --net-loops?"},
      {{"tokn", "list"}, "there is no command \"tokn\". Did you mean token?"},
      {{"token", "lst"}, "there is no command \"lst\". Did you mean list?"},
      {{"token"}, "portal-appliance token takes one of create, list, revoke"},
      {{"tenant", "list", "more"}, "unexpected argument \"more\""},
      {{"tenant", "create"}, "SLUG is required"},
      {{"tenant", "list", "--seed"}, "--seed goes with serve alone"},
      {{"tenant", "list", "--ready-file", "r"}, "--ready-file goes with serve alone"},
      {{"--test-mode", "tenant", "list"}, "--test-mode goes with serve alone"},
      {{"--ephemeral"}, "--ephemeral needs --seed or --test-mode"},
      {{"--ephemeral", "--seed", "--data-dir", "d"}, "--ephemeral keeps its store in memory: leave --data-dir out"},
      {{"--test-mode", "--data-dir=d"}, "--test-mode keeps its store in memory: leave --data-dir out"},
      {{"--random-seed", "7"}, "--random-seed goes with --test-mode alone"},
      {{"--clock", "2025-09-01T10:15:00Z"}, "--clock goes with --test-mode alone"},
      {{"--test-mode", "--random-seed", "1.5"}, "--random-seed: \"1.5\" is no whole number"},
      {{"--test-mode", "--random-seed", "18446744073709551616"}, "--random-seed"},
      {{"--test-mode", "--clock", "3000-01-01T00:00:00Z"}, "--clock: \"3000-01-01T00:00:00Z\" is no time"},
      {{"serve", "--zebra"}, "there is no flag --zebra. See portal-appliance serve --help."},
      {{"--net-loops", "1", "--net-loops", "2"}, "--net-loops"},
      {{"--net-loops"}, "--net-loops"},
      {{"--config", ""}, "--config: expected the path of a file"},
      {{"--config="}, "--config: expected the path of a file"},
      {{"import", "contacts", "f"}, "--tenant is required"},
      {{"import", "contacts", "f", "--tenant", "t", "--format", "xml"}, "--format"},
      {{"import", "contacts", "f", "--tenant", "t", "--batch", "0"}, "--batch"},
      {{"import", "contacts", "f", "--tenant", "t", "--on-error", "panic"}, "--on-error"},
      {{"token", "create", "--client", "c", "--expires", "soon"}, "--expires: \"soon\" is no duration"},
      {{"token", "create", "--client", "c", "--expires", "0s"}, "--expires"},
      {{"token", "create", "--client", "c", "--expires", ""}, "--expires"},
      {{"file", "put", "a", "--tenant", "t", "--job", "j", "--kind", "song"}, "--kind"},
  };
  for (const Case& c : cases) {
    const auto parsed = Parse(c.words);
    ASSERT_TRUE(std::holds_alternative<Reply>(parsed)) << c.says;
    const auto& reply = std::get<Reply>(parsed);
    EXPECT_EQ(reply.exit_code, kExitUsage) << c.says;
    EXPECT_NE(reply.text.find(c.says), std::string::npos) << reply.text << "lacks " << c.says;
  }
}

TEST(CommandLineParser, HelpNamesTheWayToTheCommand) {
  const auto parsed = Parse({"import", "contacts", "--help"});
  ASSERT_TRUE(std::holds_alternative<Reply>(parsed));
  EXPECT_EQ(std::get<Reply>(parsed).exit_code, kExitOk);
  EXPECT_NE(std::get<Reply>(parsed).text.find("Usage: portal-appliance import contacts"), std::string::npos);
}

}  // namespace
}  // namespace portal::cli
