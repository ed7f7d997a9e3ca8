#include "http/own_hosts.h"

#include <gtest/gtest.h>

namespace portal::http {
namespace {

bool Has(const OwnHosts& hosts, std::string_view authority) {
  Head head;
  head.host = authority;
  return hosts.AreMeantBy(head);
}

TEST(OwnHosts, AreLoopbackAndTheConfiguredOnes) {
  const OwnHosts hosts{"http://portal:8080", "https://[2001:db8::1]", ""};
  const struct {
    std::string_view authority;
    bool own;
  } cases[] = {
      {"localhost", true},
      {"localhost:3000", true},
      {"LocalHost:3000", true},
      {"demo.localhost:3000", true},
      {"127.0.0.1", true},
      {"127.0.0.1:3000", true},
      {"127.255.255.254:1", true},
      {"[::1]", true},
      {"[::1]:3000", true},
      {"[0:0:0:0:0:0:0:1]:3000", true},
      {"[::ffff:127.0.0.1]:3000", true},
      // whoever forwards to the portal may do so from another port
      {"portal", true},
      {"portal:8080", true},
      {"PORTAL:8081", true},
      {"[2001:db8::1]:8443", true},
      // HTTP/1.0 without a Host
      {"", true},
      {"evil.example", false},
      {"evil.example:3000", false},
      {"localhost.evil.example", false},
      {"evil-localhost", false},
      {"evillocalhost", false},
      {".localhost", false},
      {"localhost.", false},
      {"127.0.0.1.evil.example", false},
      {"127.1", false},
      {"128.0.0.1:3000", false},
      {"192.0.2.1:3000", false},
      {"0.0.0.0:3000", false},
      {"[::]:3000", false},
      {"[::2]:3000", false},
      {"[::ffff:192.0.2.1]", false},
      {"portal.evil.example:8080", false},
      {"[2001:db8::2]", false},
  };
  for (const auto& c : cases) EXPECT_EQ(Has(hosts, c.authority), c.own) << c.authority;
}

TEST(OwnHosts, AreNotEveryHostWhereNoneIsConfigured) {
  const OwnHosts hosts{"", ""};
  EXPECT_TRUE(Has(hosts, "localhost:3000"));
  EXPECT_FALSE(Has(hosts, ":3000"));
  EXPECT_FALSE(Has(hosts, "portal"));
}

}  // namespace
}  // namespace portal::http
