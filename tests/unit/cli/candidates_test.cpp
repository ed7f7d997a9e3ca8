#include "cli/candidates.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/keys.h"

namespace portal::cli {
namespace {

constexpr auto kTenants = [] { return std::vector<std::string>{"acme", "globex"}; };

std::vector<std::string> Texts(const std::vector<std::string>& words) {
  std::vector<std::string> texts;
  for (const Candidate& word : Complete(DescribeCommandLine(), words, kTenants).words) texts.push_back(word.text);
  return texts;
}

bool Offers(const std::vector<std::string>& words, const std::string& text) {
  const auto texts = Texts(words);
  return std::ranges::find(texts, text) != texts.end();
}

using Words = std::vector<std::string>;

TEST(Candidates, AreWhatCanFollow) {
  const struct {
    Words words;
    Words candidates;
  } cases[] = {
      {{"tok"}, {"token"}},
      {{"token", "cr"}, {"create"}},
      {{"token", "create", "--cl"}, {"--client"}},
      {{"import", "contacts", "f.csv", "--format", ""}, {"csv", "ndjson"}},
      {{"import", "contacts", "f.csv", "--format", "=", "n"}, {"ndjson"}},
      {{"import", "contacts", "f.csv", "--format", "="}, {"csv", "ndjson"}},
      {{"import", "contacts", "f.csv", "--format=n"}, {"--format=ndjson"}},
      {{"export", "--tenant", ""}, {"acme", "globex"}},
      {{"export", "--tenant", "g"}, {"globex"}},
      {{"tenant", "suspend", "a"}, {"acme"}},
      {{"--data-dir", "/tmp", "tenant", "sus"}, {"suspend"}},
      {{"--data-dir=/tmp", "tenant", "sus"}, {"suspend"}},
      {{"tenant", "list", "--data-d"}, {"--data-dir"}},
      {{"tenant", "create", "--name", "tenant", "--buc"}, {"--bucket"}},
      {{"completion", ""}, {"bash", "zsh", "fish"}},
      {{"nonsense"}, {}},
      {{"--", "tok"}, {}},
      {{"client", "create", "--id", ""}, {}},
      {{"client", "b"}, {"budget"}},
      {{"client", "budget", "website", ""}, {"health", "contacts", "jobs", "files", "downloads"}},
      {{"tenant", "budget", "g"}, {"globex"}},
      {{"tenant", "budget", "globex", "d"}, {"downloads"}},
  };
  for (const auto& [words, candidates] : cases) {
    EXPECT_EQ(Texts(words), candidates) << ::testing::PrintToString(words);
  }
}

TEST(Candidates, CommandsComeWithWhatTheyDo) {
  const Words words = {"check"};
  const Candidates found = Complete(DescribeCommandLine(), words, kTenants);
  ASSERT_EQ(found.words.size(), 1U);
  EXPECT_EQ(found.words[0].help, "Show every effective value and where it came from");
}

TEST(Candidates, EveryConfigurationKeyIsAFlagEverywhere) {
  for (const config::Key& key : config::Keys()) {
    EXPECT_TRUE(Offers({"--"}, key.Flag())) << key.name;
    EXPECT_TRUE(Offers({"token", "list", "--"}, key.Flag())) << key.name;
  }
}

TEST(Candidates, FilesAreLeftToTheShell) {
  const Words file_words[] = {{"import", "contacts", ""}, {"file", "put", "a", "b"}, {"export", "-o", ""},
                              {"--config", ""},           {"--tls-cert", ""},        {"import", "jobs", "--", "-f"}};
  for (const Words& words : file_words) {
    EXPECT_TRUE(Complete(DescribeCommandLine(), words, kTenants).files) << ::testing::PrintToString(words);
  }
  const Words other_words[] = {{""}, {"token", "create", "--label", ""}, {"import", "contacts", "a", ""}};
  for (const Words& words : other_words) {
    EXPECT_FALSE(Complete(DescribeCommandLine(), words, kTenants).files) << ::testing::PrintToString(words);
  }
}

TEST(Candidates, TheStoreIsOnlyAskedForTenants) {
  int asked = 0;
  const auto count = [&asked] {
    ++asked;
    return kTenants();
  };
  for (const Words& words : {Words{"t"}, Words{"export", "--"}, Words{"import", "contacts", ""}}) {
    Complete(DescribeCommandLine(), words, count);
  }
  EXPECT_EQ(asked, 0);
  Complete(DescribeCommandLine(), Words{"export", "--tenant", ""}, count);
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace portal::cli
