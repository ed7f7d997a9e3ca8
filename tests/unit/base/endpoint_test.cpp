#include "base/endpoint.h"

#include <gtest/gtest.h>

#include <string>

namespace portal::base {
namespace {

using Kind = Endpoint::Kind;
using Scheme = Endpoint::Scheme;

TEST(ParseEndpoint, ReadsAddressesUnixSocketsAndInheritedOnesWithOrWithoutAScheme) {
  struct Case {
    std::string_view text;
    Kind kind;
    Scheme scheme;
    std::string_view name;
    std::uint16_t port;
    bool is_v6;
  };
  for (const Case& c : {
           Case{"127.0.0.1:3000", Kind::kTcp, Scheme::kUnsaid, "127.0.0.1", 3000, false},
           Case{"http://0.0.0.0:0", Kind::kTcp, Scheme::kHttp, "0.0.0.0", 0, false},
           Case{"https://[::1]:65535", Kind::kTcp, Scheme::kHttps, "::1", 65535, true},
           Case{"[fe80::1]:1", Kind::kTcp, Scheme::kUnsaid, "fe80::1", 1, true},
           Case{"unix:/run/portal.sock", Kind::kUnix, Scheme::kUnsaid, "/run/portal.sock", 0, false},
           Case{"unix:portal.sock", Kind::kUnix, Scheme::kUnsaid, "portal.sock", 0, false},
           Case{"unix:/a:1", Kind::kUnix, Scheme::kUnsaid, "/a:1", 0, false},
           Case{"https://unix:/s", Kind::kUnix, Scheme::kHttps, "/s", 0, false},
           Case{"systemd", Kind::kSystemd, Scheme::kUnsaid, "", 0, false},
           Case{"http://systemd", Kind::kSystemd, Scheme::kHttp, "", 0, false},
           Case{"https://systemd:portal-tls.socket", Kind::kSystemd, Scheme::kHttps, "portal-tls.socket", 0, false},
       }) {
    const auto endpoint = ParseEndpoint(c.text);
    ASSERT_TRUE(endpoint) << c.text;
    EXPECT_EQ(endpoint->kind, c.kind) << c.text;
    EXPECT_EQ(endpoint->scheme, c.scheme) << c.text;
    EXPECT_EQ(endpoint->name, c.name) << c.text;
    EXPECT_EQ(endpoint->port, c.port) << c.text;
    EXPECT_EQ(endpoint->is_v6, c.is_v6) << c.text;
  }
}

TEST(ParseEndpoint, RefusesEverythingElse) {
  using namespace std::string_literals;
  const std::string longest = "unix:/" + std::string(106, 'x');
  EXPECT_TRUE(ParseEndpoint(longest));
  for (const std::string& text : {
           ""s,
           "3000"s,
           ":3000"s,
           "127.0.0.1"s,
           "127.0.0.1:"s,
           "127.0.0.1:x"s,
           "127.0.0.1:65536"s,
           "127.0.0.1:-1"s,
           "127.0.0.1:+1"s,
           "127.0.0.1:3000 "s,
           "127.0.0.1 :1"s,
           "127.0.0.1\0:1"s,
           "256.0.0.1:1"s,
           "1.2.3.4.5:1"s,
           "localhost:3000"s,
           "::1:3000"s,
           "[::1]"s,
           "[::1:3000"s,
           "[]:3000"s,
           "[127.0.0.1]:3000"s,
           "[::1%lo]:3000"s,
           "https://"s,
           "HTTPS://127.0.0.1:1"s,
           "http://http://127.0.0.1:1"s,
           "http://127.0.0.1:1/"s,
           "ftp://127.0.0.1:1"s,
           "unix:"s,
           "unix:/a\0b"s,
           longest + "x",
           "systemd:"s,
           "systemd:a:b"s,
           "systemd:a b"s,
           "systemd:" + std::string(256, 'x'),
           "systemd2"s,
       }) {
    EXPECT_FALSE(ParseEndpoint(text)) << text;
  }
}

TEST(IsSecure, FollowsTheSchemeThenTheCertificateButNotOnUnixSockets) {
  struct Case {
    Scheme scheme;
    bool is_unix, have_certificate, secure;
  };
  for (const Case& c : {Case{Scheme::kHttp, false, true, false}, Case{Scheme::kHttps, false, true, true},
                        Case{Scheme::kHttps, true, true, true}, Case{Scheme::kUnsaid, false, true, true},
                        Case{Scheme::kUnsaid, false, false, false}, Case{Scheme::kUnsaid, true, true, false}}) {
    EXPECT_EQ(IsSecure(c.scheme, c.is_unix, c.have_certificate), c.secure)
        << static_cast<int>(c.scheme) << c.is_unix << c.have_certificate;
  }
}

}  // namespace
}  // namespace portal::base
