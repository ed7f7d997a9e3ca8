#include "app/service_manager.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <utility>

#include "app/heartbeat.h"
#include "support/temp_folder.h"

namespace portal::testing {
namespace {

using app::ServiceManager;
using std::chrono::microseconds;
using Variables = std::map<std::string, std::string>;

/// The environment with these variables and without the protocol's others, for as long as it lives.
class Environment {
 public:
  explicit Environment(const Variables& variables) {
    for (const char* name : kNames) ::unsetenv(name);
    for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    for (const char* name : kNames) ::unsetenv(name);
  }

 private:
  static constexpr const char* kNames[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"};
};

/// The receiving end: a datagram socket at a path, or at an abstract name that begins with @.
class Manager {
 public:
  explicit Manager(const std::string& address) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    address.copy(name.sun_path, sizeof name.sun_path - 1);
    if (address.starts_with('@')) name.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&name), size) != 0) ADD_FAILURE() << "bind";
  }

  /// The next message; `none` when it does not come within `patience`.
  std::string Next(std::chrono::milliseconds patience = std::chrono::seconds{10}) const {
    pollfd wanted{fd_.get(), POLLIN, 0};
    if (::poll(&wanted, 1, static_cast<int>(patience.count())) <= 0) return "none";
    std::string message(4096, '\0');
    const ssize_t got = ::recv(fd_.get(), message.data(), message.size(), 0);
    message.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return message;
  }

 private:
  base::UniqueFd fd_;
};

TEST(ServiceManager, HearsOfEveryStepOfALife) {
  const TempFolder folder;
  for (const std::string& address :
       {(folder.path() / "notify").string(), "@portal-test-" + std::to_string(::getpid())}) {
    const Manager manager(address);
    const Environment environment(Variables{{"NOTIFY_SOCKET", address}});
    const auto notifier = ServiceManager::FromEnvironment();
    ASSERT_TRUE(notifier.has_value()) << notifier.error().detail;
    EXPECT_TRUE(notifier->is_there());
    EXPECT_FALSE(notifier->watchdog());
    notifier->Ready();
    notifier->Status("Serving, 3 connections");
    notifier->Reloading(base::MonotonicTime(microseconds{1'234'567}));
    notifier->Alive();
    notifier->Stopping();
    for (const char* message : {"READY=1", "STATUS=Serving, 3 connections", "RELOADING=1\nMONOTONIC_USEC=1234567",
                                "WATCHDOG=1", "STOPPING=1"}) {
      EXPECT_EQ(manager.Next(), message) << address;
    }
  }
}

TEST(ServiceManager, ReadsItsVariablesStrictly) {
  struct Case {
    Variables variables;
    bool is_there;
    std::int64_t watchdog_us;  // 0: none
  };
  const std::string self = std::to_string(::getpid());
  for (const Case& c : {Case{{}, false, 0}, Case{{{"NOTIFY_SOCKET", ""}}, false, 0},
                        Case{{{"WATCHDOG_USEC", "5"}}, false, 0}, Case{{{"NOTIFY_SOCKET", "/n"}}, true, 0},
                        Case{{{"NOTIFY_SOCKET", "@n"}, {"WATCHDOG_USEC", "3000000"}}, true, 3'000'000},
                        Case{{{"NOTIFY_SOCKET", "@n"}, {"WATCHDOG_USEC", "5"}, {"WATCHDOG_PID", self}}, true, 5},
                        Case{{{"NOTIFY_SOCKET", "@n"}, {"WATCHDOG_USEC", "5"}, {"WATCHDOG_PID", "1"}}, true, 0}}) {
    const Environment environment(c.variables);
    const auto manager = ServiceManager::FromEnvironment();
    ASSERT_TRUE(manager.has_value()) << manager.error().detail;
    EXPECT_EQ(manager->is_there(), c.is_there);
    EXPECT_EQ(manager->watchdog().value_or(microseconds{0}).count(), c.watchdog_us);
  }
  for (const auto& [name, value] :
       std::initializer_list<std::pair<std::string, std::string>>{{"NOTIFY_SOCKET", "vsock:2:1234"},
                                                                  {"NOTIFY_SOCKET", "notify"},
                                                                  {"NOTIFY_SOCKET", "@"},
                                                                  {"NOTIFY_SOCKET", "/" + std::string(107, 'x')},
                                                                  {"WATCHDOG_USEC", "soon"},
                                                                  {"WATCHDOG_USEC", "0"},
                                                                  {"WATCHDOG_USEC", "5s"},
                                                                  {"WATCHDOG_PID", "x"}}) {
    Variables variables = {{"NOTIFY_SOCKET", "/n"}, {"WATCHDOG_USEC", "5"}};
    variables[name] = value;
    const Environment environment(variables);
    const auto manager = ServiceManager::FromEnvironment();
    ASSERT_FALSE(manager.has_value()) << name << " " << value;
    EXPECT_EQ(manager.error().code, base::ErrorCode::kValidation);
    EXPECT_EQ(manager.error().detail.find("environment " + name + ": \"" + value + "\" is not"), 0U)
        << manager.error().detail;
  }
}

TEST(ServiceManager, ThatDoesNotListenHoldsNothingUp) {
  const Environment environment(Variables{{"NOTIFY_SOCKET", "/nowhere/notify"}});
  const auto manager = ServiceManager::FromEnvironment();
  ASSERT_TRUE(manager.has_value());
  manager->Ready();
  manager->Stopping();
}

class HeartbeatTest : public ::testing::Test {
 protected:
  /// Every so many microseconds the manager wants a sign of life.
  ServiceManager Watched(std::int64_t watchdog_us) const {
    const Environment environment(Variables{{"NOTIFY_SOCKET", (folder_.path() / "notify").string()},
                                            {"WATCHDOG_USEC", std::to_string(watchdog_us)}});
    return *ServiceManager::FromEnvironment();
  }

  TempFolder folder_;
  const Manager manager_{(folder_.path() / "notify").string()};
  base::SystemClock clock_;
  base::Logger logger_{clock_, 2, base::LogLevel::kOff};
};

TEST_F(HeartbeatTest, TellsThatThePortalLivesForAsLongAsNothingIsStuck) {
  const ServiceManager watched = Watched(30'000);
  std::atomic<bool> stuck = false;
  std::atomic<int> asked_while_stuck = 0;
  const app::Heartbeat heartbeat(
      watched, logger_,
      [&] {
        if (stuck) {
          ++asked_while_stuck;
          asked_while_stuck.notify_all();
        }
        return !stuck;
      },
      [] { return "Serving"; });
  EXPECT_EQ(manager_.Next(), "STATUS=Serving");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(manager_.Next(), "WATCHDOG=1");

  stuck = true;
  for (int asked = 0; asked < 2; asked = asked_while_stuck) asked_while_stuck.wait(asked);
  while (manager_.Next(std::chrono::milliseconds{0}) != "none") continue;  // from before it was stuck
  for (int asked = asked_while_stuck, until = asked + 3; asked < until; asked = asked_while_stuck) {
    asked_while_stuck.wait(asked);
  }
  EXPECT_EQ(manager_.Next(std::chrono::milliseconds{0}), "none");

  stuck = false;
  EXPECT_EQ(manager_.Next(), "WATCHDOG=1");
}

TEST_F(HeartbeatTest, SaysItsStatusAgainOnlyWhenItHasChanged) {
  const ServiceManager watched = Watched(3'000);
  std::atomic<int> connections = 0;
  const app::Heartbeat heartbeat(
      watched, logger_, [] { return true; }, [&] { return std::to_string(connections); });
  EXPECT_EQ(manager_.Next(), "STATUS=0");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(manager_.Next(), "WATCHDOG=1");
  connections = 7;
  std::string next = manager_.Next();
  while (next == "WATCHDOG=1") next = manager_.Next();
  EXPECT_EQ(next, "STATUS=7");
}

TEST_F(HeartbeatTest, EndsAtOnceHoweverLongItsIntervalIs) {
  const ServiceManager watched = Watched(std::int64_t{3600} * 1'000'000);
  const auto before = std::chrono::steady_clock::now();
  {
    const app::Heartbeat heartbeat(
        watched, logger_, [] { return true; }, [] { return ""; });
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds{60});
}

}  // namespace
}  // namespace portal::testing
