#include "net/peer.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <string>

namespace portal::net {
namespace {

TEST(PeerAddress, IsThatOfTheKernelsStructureWhateverItsFamily) {
  sockaddr_storage v4{};
  v4.ss_family = AF_INET;
  ASSERT_EQ(inet_pton(AF_INET, "192.0.2.1", &reinterpret_cast<sockaddr_in&>(v4).sin_addr), 1);
  EXPECT_EQ(PeerAddress(v4).ToText().view(), "192.0.2.1");
  for (const auto& [text, shown] :
       {std::pair{"2001:db8::1", "2001:db8::1"}, std::pair{"::ffff:192.0.2.1", "192.0.2.1"}}) {
    sockaddr_storage v6{};
    v6.ss_family = AF_INET6;
    ASSERT_EQ(inet_pton(AF_INET6, text, &reinterpret_cast<sockaddr_in6&>(v6).sin6_addr), 1);
    EXPECT_EQ(PeerAddress(v6).ToText().view(), shown);
  }
  sockaddr_storage local{};
  local.ss_family = AF_UNIX;
  EXPECT_TRUE(PeerAddress(local).is_unix());
}

}  // namespace
}  // namespace portal::net
