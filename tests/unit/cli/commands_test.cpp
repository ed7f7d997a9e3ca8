#include "cli/commands.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "unit/cli/command_test.h"

namespace portal::cli {
namespace {

namespace fs = std::filesystem;

class CommandsTest : public CommandTest {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const fs::path path = temp_.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }
  static bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
};

TEST_F(CommandsTest, ATenantIsCreatedListedSuspendedAndResumed) {
  EXPECT_EQ(Run({"tenant", "list"}).exit_code, kExitDatabase);
  EXPECT_EQ(Data({"tenant", "create", "acme", "--name", "Acme \"Inc\""}), "acme\n");
  EXPECT_TRUE(Has(Data({"tenant", "list", "--json"}),
                  R"([{"slug":"acme","name":"Acme \"Inc\"","bucket":"portal-files-acme","suspended":false,)"));
  EXPECT_TRUE(Has(Data({"tenant", "suspend", "acme", "--json"}), "\"suspended\":true"));
  EXPECT_TRUE(Has(Data({"tenant", "list"}), "suspended"));
  Data({"tenant", "resume", "acme"});
  EXPECT_FALSE(Has(Data({"tenant", "list"}), "suspended"));
  EXPECT_EQ(Run({"tenant", "create", "acme"}).exit_code, kExitRejected);
  EXPECT_EQ(Run({"tenant", "suspend", "nobody"}).exit_code, kExitRejected);
  EXPECT_EQ(Run({"tenant", "create", "Not A Slug"}).exit_code, kExitUsage);
}

TEST_F(CommandsTest, ATokenIsPrintedOnceAndEndsWhenRevoked) {
  Data({"tenant", "create", "acme"});
  Data({"client", "create", "--tenant", "acme", "--id", "web"});
  EXPECT_EQ(Run({"client", "create", "--tenant", "acme", "--id", "web"}).exit_code, kExitRejected);
  EXPECT_EQ(Run({"client", "create", "--tenant", "acme", "--id", "a/b"}).exit_code, kExitUsage);
  std::string secret = Data({"token", "create", "--client", "web", "--expires", "30d", "--label", "CI"});
  ASSERT_EQ(secret.back(), '\n');
  secret.pop_back();
  EXPECT_TRUE(secret.starts_with("portal_") && secret.size() == 56) << secret;

  const std::string list = Data({"token", "list", "--json"});
  EXPECT_FALSE(Has(list, secret));
  EXPECT_TRUE(Has(list, R"("client":"web","label":"CI","state":"active")"));
  const std::string id = list.substr(list.find("tok_"), 24);
  Data({"token", "revoke", id});
  EXPECT_TRUE(Has(Data({"token", "list"}), "revoked"));
  EXPECT_EQ(Run({"token", "revoke", "tok_nothing"}).exit_code, kExitRejected);
  EXPECT_EQ(Run({"token", "create", "--client", "nobody"}).exit_code, kExitRejected);
  Data({"token", "create", "--client", "web", "--label", "Second"});
  Data({"tenant", "suspend", "acme"});
  EXPECT_TRUE(Has(Data({"token", "list", "--json"}), R"("label":"Second","state":"tenant suspended")"));
  Data({"tenant", "resume", "acme"});
  EXPECT_TRUE(Has(Data({"token", "list", "--json"}), R"("label":"Second","state":"active")"));
  Data({"client", "revoke", "web"});
  EXPECT_TRUE(Has(Data({"token", "list", "--json"}), R"("label":"Second","state":"client revoked")"));
  EXPECT_TRUE(Has(Data({"client", "list", "--json"}), "\"revoked\":true"));
  const Outcome dead = Run({"token", "create", "--client", "web"});
  EXPECT_EQ(dead.exit_code, kExitRejected);
  EXPECT_TRUE(Has(dead.messages, "client web is revoked"));
}

TEST_F(CommandsTest, AnImportReportsRowsPlacesAndExitCode) {
  Data({"tenant", "create", "acme"});
  const std::string csv =
      Write("jobs.csv", "id,title,status\njob_1,Roof,pending\njob_2,Wall,nope\njob_3,Door,pending\n");
  Outcome stopped = Run({"import", "jobs", csv, "--tenant", "acme", "--json"});
  EXPECT_EQ(stopped.exit_code, kExitRejected);
  EXPECT_TRUE(Has(stopped.messages, csv + ":3:12: status: \"nope\" is no status")) << stopped.messages;
  EXPECT_TRUE(Has(stopped.messages, "stopped at line 3"));
  EXPECT_TRUE(
      Has(stopped.data,
          R"("written":1,"inserted":1,"updated":0,"unchanged":0,"deleted":0,"rejected":1,"bad_rows":[{"line":3,)"));
  Outcome skipped = Run({"import", "jobs", csv, "--tenant", "acme", "--on-error=skip"});
  EXPECT_EQ(skipped.exit_code, kExitRejected);
  EXPECT_EQ(skipped.data, "");
  EXPECT_TRUE(Has(skipped.messages, "2 rows written: 1 new, 0 changed, 1 as they were; 1 rejected"));
  EXPECT_EQ(Run({"import", "jobs", csv, "--tenant", "nobody"}).exit_code, kExitRejected);
  EXPECT_EQ(Run({"import", "jobs", csv + "x", "--tenant", "acme"}).exit_code, kExitRejected);
  EXPECT_EQ(Run({"import", "jobs", temp_.path().string(), "--tenant", "acme"}).exit_code, kExitRejected);
}

TEST_F(CommandsTest, FilesArePutRecursivelyWithTheTypeOfTheirContent) {
  Data({"tenant", "create", "acme"});
  const std::string csv = Write("jobs.csv", "id,title,status\njob_1,Roof,pending\n");
  Data({"import", "jobs", csv, "--tenant", "acme"});
  Write("tree/plan.png", "%PDF-1.7\n");
  Write("tree/deep/notes", "Hello\n");
  Write("tree/.hidden/secret", "x");
  Write("tree/deep/.DS_Store", "x");
  const std::string tree = (temp_.path() / "tree").string();
  const std::string put =
      Data({"file", "put", tree, tree + "/plan.png", "--tenant", "acme", "--job", "job_1", "--json"});
  EXPECT_TRUE(Has(put, R"("name":"plan.png","kind":"document","content_type":"application/pdf","size":9)")) << put;
  EXPECT_TRUE(Has(put, R"("name":"notes","kind":"document","content_type":"text/plain; charset=utf-8","size":6)"));
  EXPECT_EQ(std::ranges::count(put, '\n'), 2);

  Write("other/plan.png", "another");
  const Outcome twice =
      Run({"file", "put", tree, (temp_.path() / "other").string(), "--tenant", "acme", "--job", "job_1"});
  EXPECT_EQ(twice.exit_code, kExitRejected);
  EXPECT_TRUE(Has(twice.messages, "have the same name")) << twice.messages;
  EXPECT_EQ(Run({"file", "put", tree, "--tenant", "acme", "--job", "job_9"}).exit_code, kExitRejected);
}

TEST_F(CommandsTest, NothingIsStoredWhereOnePathCannotBe) {
  Data({"tenant", "create", "acme"});
  Data({"import", "jobs", Write("jobs.csv", "id,title,status\njob_1,Roof,pending\n"), "--tenant", "acme"});
  const std::string good = Write("tree/a.txt", "Hello\n");
  Write("control/a\nb.txt", "Hello\n");
  const fs::path loop = temp_.path() / "loop";
  fs::create_symlink(loop, loop);
  const fs::path link = temp_.path() / "link.db";
  fs::create_symlink(config_.data_dir / "portal.db", link);
  const fs::path twin = temp_.path() / "twin.db";
  fs::create_hard_link(config_.data_dir / "portal.db", twin);
  const struct {
    std::string path;
    std::string says;
  } cases[] = {{good + "x", "No such file"},
               {good + "/x", "Not a directory"},
               {loop, "Too many levels of symbolic links"},
               {"/dev/null", "is not a regular file"},
               {temp_.path() / "control", "without control characters"},
               {config_.data_dir / "portal.db", "belongs to the portal's own data folder"},
               {config_.data_dir / "portal.lock", "belongs to the portal's own data folder"},
               {config_.data_dir, "belongs to the portal's own data folder"},
               {config_.data_dir.string() + "/", "belongs to the portal's own data folder"},
               {config_.data_dir / ".." / "data" / "portal.db", "belongs to the portal's own data folder"},
               {link, "belongs to the portal's own data folder"},
               {twin, "belongs to the portal's own data folder"}};
  for (const auto& row : cases) {
    const Outcome outcome = Run({"file", "put", good, row.path, "--tenant", "acme", "--job", "job_1"});
    EXPECT_EQ(outcome.exit_code, kExitRejected) << row.path;
    EXPECT_TRUE(Has(outcome.messages, row.says)) << row.path << ": " << outcome.messages;
    EXPECT_EQ(outcome.data, "") << row.path;
  }
  EXPECT_FALSE(fs::exists(config_.data_dir / "blobs"));
}

TEST_F(CommandsTest, LinksWithinFoldersAreLeftOut) {
  Data({"tenant", "create", "acme"});
  Data({"import", "jobs", Write("jobs.csv", "id,title,status\njob_1,Roof,pending\n"), "--tenant", "acme"});
  Write("tree/a.txt", "Hello\n");
  fs::create_symlink(temp_.path() / "tree" / "loop", temp_.path() / "tree" / "loop");
  fs::create_symlink(temp_.path() / "jobs.csv", temp_.path() / "tree" / "jobs.csv");
  EXPECT_EQ(Data({"file", "put", (temp_.path() / "tree").string(), "--tenant", "acme", "--job", "job_1"}), "a.txt\n");
}

TEST_F(CommandsTest, TheVersionNamesWhatIsLinkedIn) {
  for (const char* part : {"\"version\":\"", "\"commit\":\"", "\"build_date\":\"", "\"sqlite\":\"3.",
                           "\"libsodium\":\"1.", "\"openssl\":\"3."}) {
    EXPECT_TRUE(Has(Data({"version", "--json"}), part)) << part;
  }
  EXPECT_TRUE(Data({"--version"}).starts_with("portal-appliance "));
}

}  // namespace
}  // namespace portal::cli
