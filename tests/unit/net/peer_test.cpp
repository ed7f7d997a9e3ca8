#include "net/peer.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <string>

namespace portal::net {
namespace {

Peer PeerAt(const std::string& text) {
  sockaddr_storage address{};
  if (text.find(':') != std::string::npos) {
    address.ss_family = AF_INET6;
    inet_pton(AF_INET6, text.c_str(), &reinterpret_cast<sockaddr_in6&>(address).sin6_addr);
  } else if (!text.empty()) {
    address.ss_family = AF_INET;
    inet_pton(AF_INET, text.c_str(), &reinterpret_cast<sockaddr_in&>(address).sin_addr);
  } else {
    address.ss_family = AF_UNIX;
  }
  return DescribePeer(address);
}

TEST(Peer, IsNamedByItsAddress) {
  EXPECT_EQ(PeerAt("192.0.2.1").address.view(), "192.0.2.1");
  EXPECT_EQ(PeerAt("2001:db8::1").address.view(), "2001:db8::1");
  EXPECT_EQ(PeerAt("::ffff:192.0.2.1").address.view(), "192.0.2.1");
  EXPECT_EQ(PeerAt("").address.view(), "unix");
}

TEST(Peer, IsCountedByIpv4AddressOrIpv6Network) {
  struct Case {
    const char *a, *b;
    bool together;
  };
  for (const Case& c :
       {Case{"192.0.2.1", "192.0.2.1", true}, Case{"192.0.2.1", "192.0.2.2", false},
        Case{"::ffff:192.0.2.1", "192.0.2.1", true}, Case{"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
        Case{"2001:db8::1", "2001:db8::ffff:2", true}, Case{"2001:db8:0:1::1", "2001:db8:0:2::1", false}}) {
    EXPECT_EQ(PeerAt(c.a).network == PeerAt(c.b).network, c.together) << c.a << " " << c.b;
    EXPECT_NE(PeerAt(c.a).network, 0U) << c.a;
  }
  EXPECT_EQ(PeerAt("").network, 0U);
}

}  // namespace
}  // namespace portal::net
