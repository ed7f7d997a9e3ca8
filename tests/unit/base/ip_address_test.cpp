#include "base/ip_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <string>

namespace portal::base {
namespace {

TEST(IpAddress, IsWrittenInOneWayHoweverItWasRead) {
  const struct {
    std::string_view read, written;
    bool is_v4;
  } cases[] = {
      {"192.0.2.1", "192.0.2.1", true},
      {"0.0.0.0", "0.0.0.0", true},
      {"255.255.255.255", "255.255.255.255", true},
      {"::ffff:192.0.2.1", "192.0.2.1", true},
      {"::FFFF:C000:0201", "192.0.2.1", true},
      {"2001:DB8:0:0:0:0:0:1", "2001:db8::1", false},
      {"::1", "::1", false},
      {"1111:2222:3333:4444:5555:6666:7777:8888", "1111:2222:3333:4444:5555:6666:7777:8888", false},
      {"64:ff9b::192.0.2.1", "64:ff9b::c000:201", false},
  };
  for (const auto& c : cases) {
    const auto address = IpAddress::Parse(c.read);
    ASSERT_TRUE(address) << c.read;
    EXPECT_EQ(address->ToText().view(), c.written);
    EXPECT_EQ(address->is_v4(), c.is_v4) << c.read;
    EXPECT_FALSE(address->is_unix()) << c.read;
    EXPECT_EQ(IpAddress::Parse(c.written), address) << c.read;
  }
}

TEST(IpAddress, IsReadStrictly) {
  using namespace std::string_literals;
  for (const std::string& text : {
           ""s,
           "1.2.3"s,
           "1.2.3.4.5"s,
           "1.2.3.256"s,
           "01.2.3.4"s,
           "1.2.3.4 "s,
           " 1.2.3.4"s,
           "1.2.3.4:80"s,
           "0x1.2.3.4"s,
           "1.2.3.4\0"s,
           "localhost"s,
           "unix"s,
           "unknown"s,
           "[::1]"s,
           "::1%lo"s,
           "::1/128"s,
           "::"s,
           "0:0:0:0:0:0:0:0"s,
           ":::1"s,
           "1::2::3"s,
           "12345::"s,
           "g::"s,
           "::ffff:1.2.3"s,
           std::string(46, '1'),
           std::string(4000, ':'),
       }) {
    EXPECT_FALSE(IpAddress::Parse(text)) << text;
  }
}

TEST(IpAddress, OfAUnixSocketIsNone) {
  EXPECT_TRUE(IpAddress().is_unix());
  EXPECT_FALSE(IpAddress().is_v4());
  EXPECT_EQ(IpAddress().ToText().view(), "unix");
}

TEST(IpAddress, IsTakenFromTheKernelsForms) {
  in_addr v4;
  ASSERT_EQ(inet_pton(AF_INET, "192.0.2.1", &v4), 1);
  in6_addr mapped;
  ASSERT_EQ(inet_pton(AF_INET6, "::ffff:192.0.2.1", &mapped), 1);
  EXPECT_EQ(IpAddress(v4), IpAddress(mapped));
  in6_addr v6;
  ASSERT_EQ(inet_pton(AF_INET6, "2001:db8::1", &v6), 1);
  EXPECT_EQ(IpAddress(v6), IpAddress::Parse("2001:db8::1"));
}

TEST(IpAddress, IsCountedWholeInIpv4AndBySubscriberInIpv6) {
  const struct {
    std::string_view a, b;
    bool together;
  } cases[] = {
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "192.0.2.2", false},
      {"192.0.2.1", "::ffff:192.0.2.1", true},
      {"2001:db8::1", "2001:db8::ffff:2", true},
      {"2001:db8::1", "2001:db8:0:1::1", false},
      {"::1", "0.0.0.0", false},
      {"::1", "192.0.2.1", false},
      {"::1", "::2", true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(IpAddress::Parse(c.a)->LimitKey() == IpAddress::Parse(c.b)->LimitKey(), c.together) << c.a << " " << c.b;
  }
  EXPECT_NE(IpAddress().LimitKey(), IpAddress::Parse("::1")->LimitKey());
  EXPECT_NE(IpAddress().LimitKey(), IpAddress::Parse("0.0.0.0")->LimitKey());
}

}  // namespace
}  // namespace portal::base
