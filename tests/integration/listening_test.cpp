#include "app/listening.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/announced_file.h"
#include "app/announcements.h"
#include "support/temp_folder.h"

namespace portal::testing {
namespace {

using app::BindAll;
using app::ListenKey;
using net::InheritedSocket;
using net::Listener;

/// A listening socket as the service manager would pass it.
InheritedSocket Passed(const std::string& name) {
  return {base::UniqueFd(::dup(Listener::Bind("127.0.0.1:0")->fd())), name};
}

std::vector<InheritedSocket> AllPassed(const std::vector<std::string>& names) {
  std::vector<InheritedSocket> sockets;
  for (const std::string& name : names) sockets.push_back(Passed(name));
  return sockets;
}

/// A letter a listener: own or inherited, upper case where it speaks TLS; or what is wrong.
std::string Bound(const std::vector<std::string>& listen, ListenKey key, const std::vector<std::string>& passed,
                  bool have_certificate = false) {
  config::Config config;
  config.listen = listen;
  if (have_certificate) config.tls.cert = "c.pem";
  const auto listeners = BindAll(config, key, AllPassed(passed));
  if (!listeners) return listeners.error().detail;
  std::string kinds;
  for (const Listener& listener : *listeners) {
    const char kind = listener.inherited() ? 'i' : 'o';
    kinds += listener.secure() ? static_cast<char>(kind - 'a' + 'A') : kind;
  }
  return kinds;
}

TEST(Listening, InheritedSocketsReplaceTheDefaultAndElseGoToTheEntriesThatNameThem) {
  const std::string own = "127.0.0.1:0";
  struct Case {
    std::vector<std::string> listen;
    ListenKey key;
    std::vector<std::string> passed;
    std::string kinds;
  };
  for (const Case& c : {
           Case{{own}, ListenKey::kDefault, {}, "O"},
           Case{{own}, ListenKey::kDefault, {"a", "b"}, "II"},
           Case{{own, "http://" + own}, ListenKey::kGiven, {}, "Oo"},
           Case{{own, "systemd"}, ListenKey::kGiven, {"a", "b"}, "OII"},
           Case{{"systemd", own}, ListenKey::kGiven, {"a"}, "IO"},
           Case{{"http://systemd", "https://systemd:b"}, ListenKey::kGiven, {"a", "b", "c"}, "iiI"},
           Case{{"http://systemd:a"}, ListenKey::kGiven, {"a", "a"}, "ii"},
       }) {
    EXPECT_EQ(Bound(c.listen, c.key, c.passed, true), c.kinds);
  }
}

TEST(Listening, EntriesAndInheritedSocketsThatDoNotMatchAreRefusedWithTheRemedy) {
  const std::string own = "127.0.0.1:0";
  struct Case {
    std::vector<std::string> listen, passed;
    std::vector<std::string> says;
  };
  for (const Case& c : {
           Case{{own}, {"web"}, {"socket named \"web\" that no entry of listen names", "add \"systemd:web\""}},
           Case{{own, "systemd:a"}, {"a", "b"}, {"socket named \"b\" that no entry"}},
           Case{{"systemd"}, {}, {"listen: \"systemd\": The service manager passes no socket", "LISTEN_FDS"}},
           Case{{"systemd:a"}, {}, {"listen: \"systemd:a\": The service manager passes no socket"}},
           Case{
               {"systemd:a", "systemd"}, {"b"}, {"listen: \"systemd:a\": Of the sockets", "(b)", "FileDescriptorName"}},
           Case{{"systemd:a", "systemd"}, {"a"}, {"listen: \"systemd\": Of the sockets", "(a)"}},
       }) {
    const std::string said = Bound(c.listen, ListenKey::kGiven, c.passed);
    for (const std::string& part : c.says) EXPECT_NE(said.find(part), std::string::npos) << said << "\nlacks " << part;
  }
}

TEST(Listening, OneThatCannotBeBoundIsNotLeftOut) {
  const auto taken = Listener::Bind("127.0.0.1:0");
  const std::string said = Bound({"127.0.0.1:0", taken->address()}, ListenKey::kGiven, {});
  EXPECT_NE(said.find("Cannot listen on " + taken->address()), std::string::npos) << said;
}

TEST(PortFile, HasALineForEveryListenerAndGoesWithItsOwner) {
  const TempFolder folder;
  const auto path = folder.path() / "ports";
  const std::string socket = (folder.path() / "s").string();
  std::ofstream(path) << "of an earlier portal";
  {
    app::AnnouncedFile file("port_file", path);
    EXPECT_FALSE(std::filesystem::exists(path));
    config::Config config;
    config.listen = {"127.0.0.1:0", "unix:" + socket, "[::1]:0"};
    const auto listeners = BindAll(config, ListenKey::kGiven, {});
    ASSERT_TRUE(listeners.has_value()) << listeners.error().detail;
    ASSERT_TRUE(file.Write(app::PortLines(*listeners)).has_value());
    std::ifstream in(path);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(text, std::to_string((*listeners)[0].port()) + "\n" + socket + "\n" +
                        std::to_string((*listeners)[2].port()) + "\n");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(PortFile, ThatCannotBeWrittenIsRefusedWithTheReasonAndLeavesNothing) {
  const TempFolder folder;
  const struct {
    std::filesystem::path path;
    std::string reason;
  } cases[] = {{folder.path() / "folder", "Is a directory"}, {folder.path() / "none" / "ports", "No such file"}};
  std::filesystem::create_directory(cases[0].path);
  const auto listener = Listener::Bind("127.0.0.1:0");
  for (const auto& [path, reason] : cases) {
    const auto written = app::AnnouncedFile("port_file", path).Write(app::PortLines({&*listener, 1}));
    ASSERT_FALSE(written.has_value());
    const std::string expected = "Cannot write port_file " + path.string() + ": " + reason;
    EXPECT_EQ(written.error().detail.find(expected), 0U) << written.error().detail;
    EXPECT_FALSE(std::filesystem::exists(path.string() + ".new"));
  }
}

TEST(PortFile, FollowsNoLinkToWhereSomebodyElseWantsIt) {
  const TempFolder folder;
  const auto path = folder.path() / "ports";
  const auto precious = folder.path() / "precious";
  const auto missing = folder.path() / "missing";
  std::ofstream(precious) << "kept";
  for (const auto& target : {precious, missing}) {
    std::filesystem::create_symlink(target, path.string() + ".new");
    app::AnnouncedFile file("port_file", path);
    ASSERT_TRUE(file.Write("3000\n").has_value());
    EXPECT_TRUE(std::filesystem::is_regular_file(std::filesystem::symlink_status(path)));
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(path.string() + ".new")));
  }
  std::ifstream in(precious);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "kept");
  EXPECT_FALSE(std::filesystem::exists(missing));
}

TEST(PortFile, ThatAnEarlierPortalHadHalfWrittenIsInNobodysWay) {
  const TempFolder folder;
  const auto path = folder.path() / "ports";
  std::ofstream(path.string() + ".new") << "of a portal that was killed";
  app::AnnouncedFile file("port_file", path);
  ASSERT_TRUE(file.Write("3000\n").has_value());
  std::ifstream in(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "3000\n");
}

TEST(PortFile, IsRemovedFromOutsideAsByItsOwnerAndNotWhereItIsASuccessors) {
  const TempFolder folder;
  const auto path = folder.path() / "ports";
  std::optional<app::AnnouncedFile> first(std::in_place, "port_file", path);
  first->Removal()();  // nothing is there yet
  ASSERT_TRUE(first->Write("1\n").has_value());
  const std::function<void()> remove_first = first->Removal();
  first->Removal()();
  EXPECT_FALSE(std::filesystem::exists(path));

  std::optional<app::AnnouncedFile> second(std::in_place, "port_file", path);
  ASSERT_TRUE(second->Write("2\n").has_value());
  first.reset();
  remove_first();
  EXPECT_TRUE(second->IsThere());
  const std::function<void()> remove_second = second->Removal();
  second.reset();
  remove_second();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(PortFile, OfASuccessorStaysWhenThePredecessorGoes) {
  const TempFolder folder;
  const auto path = folder.path() / "ports";
  const auto listener = Listener::Bind("127.0.0.1:0");
  std::optional<app::AnnouncedFile> first(std::in_place, "port_file", path);
  ASSERT_TRUE(first->Write(app::PortLines({&*listener, 1})).has_value());
  app::AnnouncedFile second("port_file", path);
  EXPECT_FALSE(first->IsThere());
  ASSERT_TRUE(second.Write(app::PortLines({&*listener, 1})).has_value());
  first.reset();
  EXPECT_TRUE(second.IsThere());
}

TEST(Listening, TheControlPlaneTakesAFreePortWhereAllOfListenDoesAndNobodySaysMore) {
  const auto taken = Listener::Bind("127.0.0.1:0");
  const std::string fixed = taken->address();
  struct Case {
    std::vector<std::string> listen;
    ListenKey key;
    bool binds;  // else it wants the address that is taken
  };
  const Case cases[] = {{{"127.0.0.1:0", "[::1]:0"}, ListenKey::kDefault, true},
                        {{"127.0.0.1:0"}, ListenKey::kGiven, false},
                        {{"127.0.0.1:0", "unix:/tmp/x"}, ListenKey::kDefault, false},
                        {{"systemd"}, ListenKey::kDefault, false},
                        {{"127.0.0.1:1"}, ListenKey::kDefault, false}};
  for (const Case& c : cases) {
    config::Config config;
    config.listen = c.listen;
    config.control.listen = fixed;
    const auto bound = app::BindControl(config, c.key);
    ASSERT_EQ(bound.has_value(), c.binds) << c.listen.front();
    if (!bound) {
      EXPECT_TRUE(bound.error().detail.starts_with("control.listen: Cannot listen on " + fixed))
          << bound.error().detail;
    }
  }
  EXPECT_FALSE(app::BindControl(config::Config{}, ListenKey::kGiven)->has_value()) << "empty switches it off";
}

}  // namespace
}  // namespace portal::testing
