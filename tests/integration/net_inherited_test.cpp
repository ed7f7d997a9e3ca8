#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "net/inherited_sockets.h"
#include "net/listener.h"
#include "support/temp_folder.h"

namespace portal::testing {
namespace {

using net::InheritedSocket;
using net::Listener;

/// Runs `body` in a process of its own, whose descriptors from 3 on are those of `passed`, and returns what it
/// returned.
std::string InChild(const std::vector<int>& passed, const std::function<std::string()>& body) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    // Out of the way of the numbers that are to be given.
    const int answer = ::fcntl(ends[1], F_DUPFD, 100);
    std::vector<int> aside;
    for (const int fd : passed) aside.push_back(::fcntl(fd, F_DUPFD, 100));
    ::close_range(3, 99, 0);
    for (std::size_t i = 0; i < aside.size(); ++i) ::dup2(aside[i], 3 + static_cast<int>(i));
    const std::string said = body();
    const ssize_t put = ::write(answer, said.data(), said.size());
    ::_exit(put == static_cast<ssize_t>(said.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  std::string said(4096, '\0');
  const ssize_t got = ::read(ends[0], said.data(), said.size());
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  said.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return said;
}

std::string Describe(base::Result<std::vector<InheritedSocket>> taken) {
  if (!taken) return taken.error().detail;
  std::string text = "taken:";
  for (const InheritedSocket& socket : *taken) {
    const bool closes = (::fcntl(socket.fd.get(), F_GETFD) & FD_CLOEXEC) != 0;
    text += " " + std::to_string(socket.fd.get()) + "=" + socket.name + (closes ? "" : " stays open");
  }
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
    if (std::getenv(name)) text += std::string(" and left ") + name;
  }
  return text;
}

TEST(InheritedSockets, AreTakenByNumberAndNameAndTheirVariablesGo) {
  struct Case {
    const char *pid, *fds, *names;  // nullptr: not set; `me`: the process's own id
    std::string says;
  };
  for (const Case& c : {
           Case{"me", "2", "web:admin", "taken: 3=web 4=admin"},
           Case{"me", "2", nullptr, "taken: 3=unknown 4=unknown"},
           Case{"me", "1", "", "taken: 3="},
           Case{"me", "0", "", "taken:"},
           Case{nullptr, "2", nullptr, "taken:"},
           Case{"me", nullptr, nullptr, "taken:"},
           Case{"1", "2", nullptr, "taken:"},
           Case{"x", "2", nullptr, "environment LISTEN_PID: \"x\" is no process id. Let the service manager set it"},
           Case{"-4", "2", nullptr, "environment LISTEN_PID: \"-4\" is no process id"},
           Case{"me", "two", nullptr, "environment LISTEN_FDS: \"two\" is not a number of sockets from 0 to 1024"},
           Case{"me", "-1", nullptr, "environment LISTEN_FDS: \"-1\" is not a number"},
           Case{"me", "9999", nullptr, "environment LISTEN_FDS: \"9999\" is not a number"},
           Case{"me", "3", nullptr, "environment LISTEN_FDS: \"3\" promises descriptor 5, which is not open"},
           Case{"me", "2", "web", "environment LISTEN_FDNAMES: \"web\" does not have one name for each of the 2"},
       }) {
    const std::string said = InChild({0, 0}, [&] {
      const auto set = [](const char* name, const char* value) {
        if (value) ::setenv(name, value, 1);
      };
      const std::string self = std::to_string(::getpid());
      set("LISTEN_PID", c.pid && c.pid == std::string("me") ? self.c_str() : c.pid);
      set("LISTEN_FDS", c.fds);
      set("LISTEN_FDNAMES", c.names);
      return Describe(net::TakeInheritedSockets());
    });
    EXPECT_EQ(said.substr(0, c.says.size()), c.says);
    EXPECT_EQ(said.find("stays open"), std::string::npos) << said;
    EXPECT_EQ(said.find("and left"), std::string::npos) << said;
  }
}

base::UniqueFd Bound(int family, int type, bool listening) {
  base::UniqueFd fd(::socket(family, type, 0));
  sockaddr_storage any{};
  any.ss_family = static_cast<sa_family_t>(family);
  const socklen_t size = family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  if (family == AF_INET) reinterpret_cast<sockaddr_in&>(any).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&any), size) != 0) ADD_FAILURE() << "bind";
  if (listening) ::listen(fd.get(), 5);
  return fd;
}

int Option(int fd, int level, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  ::getsockopt(fd, level, option, &value, &size);
  return value;
}

TEST(InheritedSockets, BecomeListenersThatDoNotBlock) {
  auto v4 = Listener::Adopt({Bound(AF_INET, SOCK_STREAM, true), "web"}, base::Endpoint::Scheme::kUnsaid, true);
  ASSERT_TRUE(v4.has_value()) << v4.error().detail;
  EXPECT_TRUE(v4->inherited());
  EXPECT_TRUE(v4->secure());
  EXPECT_TRUE(v4->is_local());
  EXPECT_GT(v4->port(), 0);
  EXPECT_EQ(v4->address(), "127.0.0.1:" + std::to_string(v4->port()));
  EXPECT_NE(::fcntl(v4->fd(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_EQ(Option(v4->fd(), IPPROTO_TCP, TCP_NODELAY), 1);

  auto v6 = Listener::Adopt({Bound(AF_INET6, SOCK_STREAM, true), "web"}, base::Endpoint::Scheme::kHttp, true);
  ASSERT_TRUE(v6.has_value()) << v6.error().detail;
  EXPECT_FALSE(v6->secure());
  EXPECT_FALSE(v6->is_local());
  EXPECT_EQ(v6->address(), "[::]:" + std::to_string(v6->port()));
}

TEST(InheritedSockets, OfTheUnixKindKeepTheirFileWhenTheListenerGoes) {
  const TempFolder folder;
  const std::string path = (folder.path() / "s").string();
  auto made = Listener::Bind("unix:" + path);
  ASSERT_TRUE(made.has_value());
  {
    auto adopted = Listener::Adopt({base::UniqueFd(::dup(made->fd())), "web"}, base::Endpoint::Scheme::kUnsaid, true);
    ASSERT_TRUE(adopted.has_value()) << adopted.error().detail;
    EXPECT_EQ(adopted->address(), "unix:" + path);
    EXPECT_TRUE(adopted->is_unix());
    EXPECT_FALSE(adopted->secure());
  }
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(InheritedSockets, OfWhichNobodyCanAcceptAreRefusedByName) {
  struct Case {
    base::UniqueFd fd;
    const char* why;
  };
  Case cases[] = {{Bound(AF_INET, SOCK_STREAM, false), "(web) is not listening"},
                  {Bound(AF_INET, SOCK_DGRAM, false), "(web) is no stream socket"},
                  {base::UniqueFd(::socket(AF_NETLINK, SOCK_DGRAM, 0)), "(web) is no stream socket"},
                  {base::UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)), "(web) is no socket"}};
  for (Case& c : cases) {
    const auto listener = Listener::Adopt({std::move(c.fd), "web"}, base::Endpoint::Scheme::kUnsaid, false);
    ASSERT_FALSE(listener.has_value()) << c.why;
    EXPECT_EQ(listener.error().code, base::ErrorCode::kUnavailable);
    EXPECT_NE(listener.error().detail.find(c.why), std::string::npos) << listener.error().detail;
    EXPECT_NE(listener.error().detail.find("ListenStream="), std::string::npos) << listener.error().detail;
  }
}

}  // namespace
}  // namespace portal::testing
