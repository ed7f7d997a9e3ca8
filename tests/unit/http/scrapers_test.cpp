#include "http/stages/scrapers.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/stages/client_address.h"

namespace portal::http::stages {
namespace {

using base::IpAddress;
using base::IpNetwork;

TEST(Scrapers, AreKnownOnThisMachineAndWhereTheyAreListed) {
  const Scrapers scrapers{.allowed = {*IpNetwork::Parse("10.1.0.0/16"), *IpNetwork::Parse("unix")}};
  const std::vector<IpNetwork> proxies = {*IpNetwork::Parse("127.0.0.9"), *IpNetwork::Parse("10.2.0.1")};
  const struct {
    std::string_view peer;  // empty: by a Unix socket
    std::vector<HeaderField> fields;
    bool known;
  } cases[] = {
      {"127.0.0.1", {}, true},
      {"127.3.2.1", {}, true},
      {"::1", {}, true},
      {"::ffff:127.0.0.1", {}, true},
      {"", {}, true},
      {"10.1.2.3", {}, true},
      {"10.2.0.1", {}, false},
      {"192.0.2.1", {}, false},
      {"2001:db8::1", {}, false},
      {"127.0.0.1", {{"X-Forwarded-For", "10.1.2.3"}}, false},
      {"127.0.0.1", {{"X-Forwarded-Proto", "https"}}, false},
      {"127.0.0.1", {{"Forwarded", "for=10.1.2.3"}}, false},
      {"127.0.0.1", {{"Via", "1.1 proxy"}}, false},
      {"127.0.0.1", {{"X-Real-IP", "10.1.2.3"}}, false},
      {"127.0.0.1", {{"CF-Connecting-IP", "10.1.2.3"}}, false},
      {"127.0.0.1", {{"True-Client-IP", "10.1.2.3"}}, false},
      {"10.1.2.3", {{"Via", "1.1 proxy"}}, false},
      {"10.2.0.1", {{"Via", "1.1 proxy"}, {"X-Forwarded-For", "10.1.2.3"}}, true},
      {"10.2.0.1", {{"X-Real-IP", "10.1.2.3"}}, false},
      {"10.1.2.3", {{"X-Forwarded-For", "127.0.0.1"}}, false},
      {"10.2.0.1", {{"X-Forwarded-For", "10.1.2.3"}}, true},
      {"10.2.0.1", {{"X-Forwarded-For", "127.0.0.1"}}, true},
      {"10.2.0.1", {{"X-Forwarded-For", "192.0.2.1"}}, false},
      {"127.0.0.9", {{"X-Forwarded-For", "192.0.2.1"}}, false},
      {"127.0.0.9", {{"Forwarded", "for=192.0.2.1"}}, false},
      {"127.0.0.9", {{"X-Forwarded-For", "unknown"}}, false},
  };
  for (const auto& c : cases) {
    Request request;
    if (!c.peer.empty()) request.peer = *IpAddress::Parse(c.peer);
    request.head.fields = c.fields;
    ResolveClient(request, proxies);
    EXPECT_EQ(scrapers.Know(request, proxies), c.known)
        << c.peer << (c.fields.empty() ? "" : " for " + std::string(c.fields.front().value));
  }
}

TEST(Scrapers, OnThisMachineAreKnownByHostsOfItsOwn) {
  const Scrapers scrapers{.own_hosts = OwnHosts{"https://portal.example"}, .allowed = {*IpNetwork::Parse("127.0.0.2")}};
  const struct {
    std::string_view peer;
    std::string_view host;
    bool known;
  } cases[] = {
      {"127.0.0.1", "localhost:3000", true},
      {"127.0.0.1", "127.0.0.1:3000", true},
      {"::1", "[::1]:3000", true},
      {"127.0.0.1", "portal.example", true},
      {"127.0.0.1", "", true},  // HTTP/1.0
      {"127.0.0.1", "evil.example:3000", false},
      {"::1", "evil.example", false},
      {"127.0.0.1", "192.0.2.1", false},
      {"127.0.0.2", "evil.example", true},  // it is listed
  };
  for (const auto& c : cases) {
    Request request;
    request.peer = *IpAddress::Parse(c.peer);
    request.head.host = c.host;
    ResolveClient(request, {});
    EXPECT_EQ(scrapers.Know(request, {}), c.known) << c.peer << " for " << c.host;
  }
}

}  // namespace
}  // namespace portal::http::stages
