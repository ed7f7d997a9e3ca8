#include "config/values.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace portal::config {
namespace {

TEST(ConfigValues, IntegersAreDigitsWithinTheirRange) {
  struct Case {
    std::string_view text;
    std::optional<std::int64_t> value;
  };
  for (const Case& c :
       {Case{"0", 0}, Case{"7", 7}, Case{"256", 256}, Case{"257", {}}, Case{"-1", {}}, Case{"+1", {}}, Case{"1e3", {}},
        Case{" 1", {}}, Case{"1 ", {}}, Case{"", {}}, Case{"0x10", {}}, Case{"99999999999999999999", {}}}) {
    std::int64_t out = -5;
    EXPECT_EQ(ReadInteger(c.text, 0, 256, out).has_value(), !c.value.has_value()) << c.text;
    EXPECT_EQ(out, c.value.value_or(-5)) << c.text;
  }
}

TEST(ConfigValues, SizesMayHaveAUnitAndAreShownWithTheLargestThatFits) {
  struct Case {
    std::string_view text;
    std::uint64_t bytes;
    std::string shown;
  };
  for (const Case& c :
       {Case{"1", 1, "1"}, Case{"1023", 1023, "1023"}, Case{"1024", 1024, "1KiB"}, Case{"5GiB", 5ull << 30, "5GiB"},
        Case{"1536MiB", 1536ull << 20, "1536MiB"}, Case{"1TiB", 1ull << 40, "1TiB"}}) {
    std::uint64_t out = 0;
    EXPECT_FALSE(ReadSize(c.text, 1, 1ull << 50, out)) << c.text;
    EXPECT_EQ(out, c.bytes) << c.text;
    EXPECT_EQ(FormatSize(c.bytes), c.shown);
  }
  for (const char* text : {"", "0", "-1", "1 MiB", "1MB", "1mib", "MiB", "1.5GiB", "2048TiB", "99999999999TiB"}) {
    std::uint64_t out = 7;
    const auto complaint = ReadSize(text, 1, 1ull << 50, out);
    ASSERT_TRUE(complaint) << text;
    EXPECT_EQ(out, 7U) << text;
    EXPECT_NE(complaint->find("a size in bytes from 1 to 1024TiB"), std::string::npos) << *complaint;
  }
}

TEST(ConfigValues, SharesArePercentAndAreShownAsShortAsTheyCanBe) {
  struct Case {
    std::string_view text;
    std::uint32_t ppm;
    std::string shown;
  };
  for (const Case& c :
       {Case{"99.9%", 999'000, "99.9%"}, Case{"99.9", 999'000, "99.9%"}, Case{"99.9900%", 999'900, "99.99%"},
        Case{"50%", 500'000, "50%"}, Case{"99.9999%", 999'999, "99.9999%"}, Case{"60.05", 600'500, "60.05%"}}) {
    std::uint32_t out = 0;
    EXPECT_FALSE(ReadShare(c.text, 500'000, 999'999, out)) << c.text;
    EXPECT_EQ(out, c.ppm) << c.text;
    EXPECT_EQ(FormatShare(c.ppm), c.shown);
  }
  for (const char* text : {"", "%", "99.", ".9", "49.9%", "100%", "99.99999%", "-99%", "99.-9", "99,9%", "99.9 %",
                           "0.999", "99.9%%", "1e2", "9999999999999999999"}) {
    std::uint32_t out = 7;
    const auto complaint = ReadShare(text, 500'000, 999'999, out);
    ASSERT_TRUE(complaint) << text;
    EXPECT_EQ(out, 7U) << text;
    EXPECT_EQ(*complaint, "a percentage from 50% to 99.9999% with at most four decimals, as in \"99.9%\"");
  }
}

TEST(ConfigValues, BooleansAreTwoWords) {
  bool out = false;
  EXPECT_FALSE(ReadBoolean("true", out));
  EXPECT_TRUE(out);
  EXPECT_FALSE(ReadBoolean("false", out));
  EXPECT_FALSE(out);
  for (const char* text : {"", "1", "0", "yes", "True", "on"}) EXPECT_TRUE(ReadBoolean(text, out)) << text;
}

TEST(ConfigValues, DurationsNeedAUnitAndStayWithinTheirRange) {
  using std::chrono::milliseconds;
  milliseconds out{};
  EXPECT_FALSE(ReadDuration("15m", std::chrono::seconds{1}, std::chrono::minutes{15}, out));
  EXPECT_EQ(out, std::chrono::minutes{15});
  for (const char* text : {"", "15", "16m", "999ms", "-1s", "1.5s", "15 m", "1y"}) {
    const auto complaint = ReadDuration(text, std::chrono::seconds{1}, std::chrono::minutes{15}, out);
    ASSERT_TRUE(complaint) << text;
    EXPECT_NE(complaint->find("from 1s to 15m, as in \"30s\" (units"), std::string::npos) << *complaint;
  }
  for (const auto& [min, max, example] : {std::tuple{milliseconds{1}, milliseconds{100}, "\"100ms\""},
                                          std::tuple{milliseconds{60'000}, milliseconds{120'000}, "\"1m\""}}) {
    const auto complaint = ReadDuration("soon", min, max, out);
    EXPECT_NE(complaint->find(example), std::string::npos) << *complaint;
  }
}

TEST(ConfigValues, EndpointsAreWhatCanBeListenedOnAndOthersAreToldTheForms) {
  for (const char* text : {"127.0.0.1:3000", "https://[::1]:443", "unix:/run/portal.sock", "systemd:http"}) {
    EXPECT_FALSE(CheckEndpoint(text)) << text;
  }
  const auto complaint = CheckEndpoint("localhost:3000");
  ASSERT_TRUE(complaint);
  for (const char* form : {"127.0.0.1:3000", "[::1]:3000", "unix:/", "systemd:NAME", "https://"}) {
    EXPECT_NE(complaint->find(form), std::string::npos) << *complaint;
  }
}

TEST(ConfigValues, OriginsAreAsBrowsersSendThem) {
  const std::vector<std::string> good = {"https://app.example.com",    "http://localhost:5173",
                                         "http://127.0.0.1:8080",      "http://[::1]:8080",
                                         "https://[2001:db8::1]",      "https://app.example.com:8443",
                                         "http://app.example.com:443", "https://xn--bcher-kva.example"};
  std::vector<std::string> out;
  EXPECT_FALSE(ReadOrigins(good, out));
  EXPECT_EQ(out, good);
  EXPECT_FALSE(ReadOrigins({""}, out));
  EXPECT_TRUE(out.empty());
  for (const char* text : {"*",
                           "null",
                           "app.example.com",
                           "https://*",
                           "https://*.example.com",
                           "https://app.example.com/",
                           "https://app.example.com/path",
                           "https://app.example.com?q",
                           "https://app.example.com:443",
                           "http://app.example.com:80",
                           "https://app.example.com:",
                           "https://app.example.com:0443",
                           "https://app.example.com:65536",
                           "https://user@app.example.com",
                           "HTTPS://app.example.com",
                           "https://[0::1]",
                           "https://[::1",
                           "https://[192.0.2.1]",
                           "https://App.example.com",
                           "https://b\xc3\xbc"
                           "cher.example",
                           "https://app.example.com, https://b.example.com",
                           " https://app.example.com",
                           "https://",
                           "ftp://app.example.com",
                           "file://"}) {
    out = {"untouched"};
    EXPECT_TRUE(ReadOrigins({"https://good.example", text}, out)) << text;
    EXPECT_EQ(out.front(), "untouched") << text;
  }
}

TEST(ConfigValues, BaseUrlsAreSchemeAndAuthorityAndLoseTheirTrailingSlash) {
  struct Case {
    std::string_view text, url;
  };
  for (const Case& c :
       {Case{"https://portal.example.com", "https://portal.example.com"},
        Case{"https://portal.example.com/", "https://portal.example.com"},
        Case{"http://127.0.0.1:8080", "http://127.0.0.1:8080"}, Case{"http://[::1]:8080/", "http://[::1]:8080"},
        Case{"https://[2001:db8::1]", "https://[2001:db8::1]"}, Case{"http://localhost", "http://localhost"},
        Case{"", ""}}) {
    std::string out = "untouched";
    EXPECT_FALSE(ReadBaseUrl(c.text, out)) << c.text;
    EXPECT_EQ(out, c.url);
  }
  for (const char* text : {"portal.example.com", "ftp://portal.example.com",
                           "https://",           "https:///",
                           "https://host/path",  "https://host//",
                           "https://host?q",     "https://host#f",
                           "https://user@host",  "https://user:pass@host",
                           "https://host:0",     "https://host:65536",
                           "https://host:",      "https://ho st",
                           "https://host..com",  "https://.host",
                           "https://[::1",       "HTTPS://host",
                           "https://host:80:80", " https://host",
                           "javascript:alert(1)"}) {
    std::string out = "untouched";
    EXPECT_TRUE(ReadBaseUrl(text, out)) << text;
    EXPECT_EQ(out, "untouched") << text;
  }
}

}  // namespace
}  // namespace portal::config
