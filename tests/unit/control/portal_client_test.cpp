#include "control/portal_client.h"

#include <gtest/gtest.h>

#include <string>

namespace portal::control {
namespace {

TEST(PortalClient, RefusesWhatIsNoUrlOfAControlPlane) {
  const std::string urls[] = {
      "",
      "portal.example",
      "ftp://portal.example",
      "http://",
      "http:///",
      "http://:3001",
      "http://portal.example:",
      "http://portal.example:0",
      "http://portal.example:65536",
      "http://portal.example:99999999999999",
      "http://portal.example:-1",
      "http://portal.example:3001:3001",
      "http://portal.example:3001//",
      "http://portal.example/api/slo",
      "http://portal.example?a",
      "http://ann@portal.example",
      "http://portal example",
      "http://portal.example\r\nX: y",
      "http://[::1",
      "http://[::1]:0",
      "http://[portal]",
      "http://" + std::string(100'000, 'a'),
      "unix:",
      "unix:/" + std::string(200, 'a'),
  };
  for (const std::string& url : urls) {
    const auto answer = Fetch({url, {}}, "/api/slo", "token");
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().code, base::ErrorCode::kValidation) << url;
    EXPECT_NE(answer.error().detail.find("a port is a number from 1 to 65535"), std::string::npos) << url;
  }
}

TEST(PortalClient, SaysThatNobodyAnswers) {
  for (const std::string url : {"http://127.0.0.1:1", "http://127.0.0.1:1/", "http://[::1]:1", "https://127.0.0.1:1",
                                "unix:/nowhere/control.sock"}) {
    const auto answer = Fetch({url, {}}, "/api/slo", "token");
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().code, base::ErrorCode::kUnavailable) << url;
  }
}

TEST(PortalClient, KnowsItsOwnMachineByLoopbackAlone) {
  const struct {
    const char* url;
    bool own;
  } cases[] = {
      {"https://127.0.0.1:3001", true},
      {"https://127.9.9.9", true},
      {"https://[::1]:3001/", true},
      {"http://localhost:3001", true},
      {"https://LOCALHOST", true},
      {"https://192.0.2.1:3001", false},
      {"https://portal.example", false},
      {"https://[2001:db8::1]:1", false},
      {"https://localhost.example", false},
      {"https://127.0.0.1.example:3001", false},
      {"127.0.0.1:3001", false},
      {"https://", false},
      {"unix:/run/portal.sock", false},
  };
  for (const auto& c : cases) EXPECT_EQ(IsOnThisMachine(c.url), c.own) << c.url;
}

}  // namespace
}  // namespace portal::control
