#include "http/stages/client_address.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace portal::http::stages {
namespace {

base::IpAddress At(std::string_view text) {
  return text == "unix" ? base::IpAddress() : base::IpAddress::Parse(text).value();
}

std::vector<base::IpNetwork> Networks(std::vector<std::string_view> texts) {
  std::vector<base::IpNetwork> networks;
  for (const std::string_view text : texts) networks.push_back(base::IpNetwork::Parse(text).value());
  return networks;
}

Request Forwarded(std::string_view peer, std::vector<std::string_view> forwarded_for) {
  Request request;
  request.peer = At(peer);
  request.head.fields.push_back({"Host", "portal.test"});
  for (const std::string_view value : forwarded_for) request.head.fields.push_back({"x-Forwarded-for", value});
  request.head.fields.push_back({"X-Real-IP", "198.51.100.99"});
  return request;
}

TEST(ResolveClient, TakesTheRightmostHopThatIsNoTrustedProxy) {
  const auto trusted = Networks({"10.0.0.0/8", "2001:db8::/32", "unix"});
  const struct {
    std::string_view peer;
    std::vector<std::string_view> forwarded_for;
    std::string_view client;
  } cases[] = {
      // whoever is not trusted speaks for himself
      {"203.0.113.7", {}, "203.0.113.7"},
      {"203.0.113.7", {"198.51.100.1"}, "203.0.113.7"},
      {"203.0.113.7", {"10.0.0.1"}, "203.0.113.7"},
      {"127.0.0.1", {"198.51.100.1"}, "127.0.0.1"},
      // trusted ones are believed, one after the other
      {"10.0.0.1", {}, "10.0.0.1"},
      {"10.0.0.1", {"198.51.100.1"}, "198.51.100.1"},
      {"unix", {"198.51.100.1"}, "198.51.100.1"},
      {"unix", {}, "unix"},
      {"2001:db8::1", {"2001:db9::1"}, "2001:db9::1"},
      {"::ffff:10.0.0.1", {"::ffff:198.51.100.1"}, "198.51.100.1"},
      {"10.0.0.1", {"198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
      {"10.0.0.1", {"198.51.100.1,10.0.0.2 ,\t2001:db8::5"}, "198.51.100.1"},
      {"10.0.0.1", {"198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
      {"10.0.0.1", {"10.0.0.9", "198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
      {"10.0.0.1", {"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
      // what stands left of the first stranger is the stranger's word
      {"10.0.0.1", {"192.0.2.66, 198.51.100.1"}, "198.51.100.1"},
      {"10.0.0.1", {"192.0.2.66", "198.51.100.1"}, "198.51.100.1"},
      {"10.0.0.1", {"10.0.0.66, 198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
      {"10.0.0.1", {"192.0.2.66, 203.0.113.7", "10.0.0.2"}, "203.0.113.7"},
      // some proxies write ports
      {"10.0.0.1", {"198.51.100.1:4711"}, "198.51.100.1"},
      {"10.0.0.1", {"[2001:db9::1]:4711"}, "2001:db9::1"},
      {"10.0.0.1", {"[2001:db9::1]"}, "2001:db9::1"},
      // what is no address ends the search at whoever wrote it
      {"10.0.0.1", {""}, "10.0.0.1"},
      {"10.0.0.1", {"unknown"}, "10.0.0.1"},
      {"10.0.0.1", {"unix"}, "10.0.0.1"},
      {"10.0.0.1", {"::"}, "10.0.0.1"},
      {"10.0.0.1", {"198.51.100.1, "}, "10.0.0.1"},
      {"10.0.0.1", {"198.51.100.1, unknown, 10.0.0.2"}, "10.0.0.2"},
      {"10.0.0.1", {"198.51.100.1", "unknown"}, "10.0.0.1"},
      {"10.0.0.1", {"198.51.100.256"}, "10.0.0.1"},
      {"10.0.0.1", {"\"198.51.100.1\""}, "10.0.0.1"},
      {"10.0.0.1", {"198.51.100.1:"}, "10.0.0.1"},
      {"10.0.0.1", {"198.51.100.1:x"}, "10.0.0.1"},
      {"10.0.0.1", {"198.51.100.1:123456"}, "10.0.0.1"},
      {"10.0.0.1", {"198.51.100.1 198.51.100.2"}, "10.0.0.1"},
      {"10.0.0.1", {"[198.51.100.1]"}, "10.0.0.1"},
      {"10.0.0.1", {"[2001:db9::1"}, "10.0.0.1"},
      {"10.0.0.1", {"[2001:db9::1]4711"}, "10.0.0.1"},
      {"10.0.0.1", {"2001:db9::1%eth0"}, "10.0.0.1"},
      {"10.0.0.1", {"for=198.51.100.1"}, "10.0.0.1"},
  };
  for (const auto& c : cases) {
    Request request = Forwarded(c.peer, c.forwarded_for);
    ResolveClient(request, trusted);
    std::string what(c.peer);
    for (const std::string_view value : c.forwarded_for) what.append(" | ").append(value);
    EXPECT_EQ(request.client_address.ToText().view(), At(c.client).ToText().view()) << what;
  }
}

TEST(ResolveClient, BelievesNobodyUnlessTold) {
  for (const std::string_view peer : {"127.0.0.1", "::1", "unix", "10.0.0.1"}) {
    Request request = Forwarded(peer, {"198.51.100.1"});
    ResolveClient(request, {});
    EXPECT_EQ(request.client_address, At(peer)) << peer;
  }
}

TEST(ResolveClient, EndsWithAListAsLongAsAHeadMayBe) {
  const auto trusted = Networks({"10.0.0.0/8"});
  std::string list = "198.51.100.1";
  while (list.size() < 32 * 1024) list += ",10.0.0.2";
  Request request = Forwarded("10.0.0.1", {list});
  ResolveClient(request, trusted);
  EXPECT_EQ(request.client_address, At("198.51.100.1"));
}

TEST(IsForwarded, KnowsTheHeadersOfProxies) {
  for (const std::string_view name :
       {"Forwarded", "forwarded", "X-Forwarded-For", "x-forwarded-proto", "X-Forwarded-Host", "X-FORWARDED-", "Via",
        "X-Real-IP", "CF-Connecting-IP", "true-client-ip"}) {
    Head head;
    head.fields.push_back({name, ""});
    EXPECT_TRUE(IsForwarded(head)) << name;
  }
  for (const std::string_view name : {"X-Forwarded", "Forwarded-For", "Real-IP", "Host"}) {
    Head head;
    head.fields.push_back({name, "x"});
    EXPECT_FALSE(IsForwarded(head)) << name;
  }
}

}  // namespace
}  // namespace portal::http::stages
