#include "base/ip_network.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace portal::base {
namespace {

IpAddress At(std::string_view text) { return text == "unix" ? IpAddress() : IpAddress::Parse(text).value(); }

TEST(IpNetwork, HasTheAddressesThatBeginAlikeOfItsFamilyAlone) {
  const struct {
    std::string_view network, address;
    bool inside;
  } cases[] = {
      {"10.0.0.0/8", "10.255.255.255", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"10.0.0.0/8", "::ffff:10.0.0.1", true},
      {"10.0.0.0/8", "a00::1", false},
      {"192.0.2.128/25", "192.0.2.128", true},
      {"192.0.2.128/25", "192.0.2.127", false},
      {"0.0.0.0/0", "203.0.113.7", true},
      {"0.0.0.0/0", "::1", false},
      {"0.0.0.0/0", "unix", false},
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "192.0.2.2", false},
      {"192.0.2.1/32", "192.0.2.1", true},
      {"::/0", "2001:db8::1", true},
      {"::/0", "192.0.2.1", false},
      {"::/0", "unix", false},
      {"::/64", "::1", true},
      {"::/127", "unix", false},
      {"2001:db8::/32", "2001:db8:ffff::1", true},
      {"2001:db8::/32", "2001:db9::", false},
      {"2001:db8::/65", "2001:db8::7fff:0:0:1", true},
      {"2001:db8::/65", "2001:db8:0:0:8000::", false},
      {"::ffff:10.0.0.0/104", "10.1.2.3", true},
      {"::ffff:0:0/96", "10.1.2.3", true},
      {"::1", "::1", true},
      {"::1", "unix", false},
      {"unix", "unix", true},
      {"unix", "::1", false},
      {"unix", "127.0.0.1", false},
  };
  for (const auto& c : cases) {
    const auto network = IpNetwork::Parse(c.network);
    ASSERT_TRUE(network) << c.network;
    EXPECT_EQ(network->Contains(At(c.address)), c.inside) << c.network << " " << c.address;
  }
}

TEST(IpNetwork, IsWrittenAsItIsRead) {
  for (const std::string_view text :
       {"10.0.0.0/8", "0.0.0.0/0", "192.0.2.1", "::/0", "::/64", "2001:db8::/32", "::1", "unix", "fe80::/10"}) {
    const auto network = IpNetwork::Parse(text);
    ASSERT_TRUE(network) << text;
    EXPECT_EQ(network->ToText(), text);
  }
  for (const auto& [read, written] : {std::pair{"192.0.2.1/32", "192.0.2.1"}, std::pair{"::1/128", "::1"},
                                      std::pair{"::ffff:10.0.0.0/104", "10.0.0.0/8"}}) {
    const auto network = IpNetwork::Parse(read);
    ASSERT_TRUE(network) << read;
    EXPECT_EQ(network->ToText(), written);
    EXPECT_EQ(IpNetwork::Parse(written), network);
  }
}

TEST(IpNetwork, IsReadStrictly) {
  for (const std::string_view text : {"",
                                      "/8",
                                      "10.0.0.0/",
                                      "10.0.0.0/33",
                                      "10.0.0.0/-1",
                                      "10.0.0.0/+8",
                                      "10.0.0.0/08",
                                      "10.0.0.0/8 ",
                                      "10.0.0.0/8/8",
                                      "10.0.0.1/8",
                                      "10/8",
                                      "2001:db8::/129",
                                      "2001:db8::1/32",
                                      "2001:db8:0:0:1::/64",
                                      "::",
                                      "::/128",
                                      "::1/0",
                                      "[::1]/128",
                                      "10.0.0.0/104",
                                      "*",
                                      "localhost",
                                      "unix/0",
                                      "UNIX",
                                      "10.0.0.0-10.0.0.9"}) {
    EXPECT_FALSE(IpNetwork::Parse(text)) << text;
  }
}

TEST(IpNetwork, OfSeveralOneIsEnough) {
  const std::vector<IpNetwork> networks = {*IpNetwork::Parse("10.0.0.0/8"), *IpNetwork::Parse("unix")};
  EXPECT_TRUE(AnyContains(networks, At("10.1.2.3")));
  EXPECT_TRUE(AnyContains(networks, At("unix")));
  EXPECT_FALSE(AnyContains(networks, At("127.0.0.1")));
  EXPECT_FALSE(AnyContains({}, At("unix")));
}

}  // namespace
}  // namespace portal::base
