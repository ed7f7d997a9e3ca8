// Bearer tokens: the form of the portal's own against a slow reference, a single wrong character in one, and what an
// Authorization header hands to whoever checks it (RFC 6750 §2.1).
//
// Input: a byte that chooses what is tested, then its choices or the text.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "crypto/token.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "http/authenticator.h"
#include "http/head_parser.h"
#include "http/stages/authenticate.h"

namespace portal::fuzz {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kPrefix = "portal_";
constexpr std::size_t kRandomSize = 43;
constexpr std::size_t kChecksumSize = 6;

/// CRC-32 of ISO 3309, bit by bit, as six base62 digits.
std::string ReferenceChecksum(std::string_view text) {
  std::uint32_t crc = ~std::uint32_t{0};
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc % 2 != 0 ? crc / 2 ^ 0xEDB88320 : crc / 2;
  }
  crc = ~crc;
  std::string digits;
  for (std::size_t i = 0; i < kChecksumSize; ++i, crc /= 62) digits.insert(digits.begin(), kDigits[crc % 62]);
  return digits;
}

bool ReferenceForm(std::string_view text) {
  if (text.size() != kPrefix.size() + kRandomSize + kChecksumSize || !text.starts_with(kPrefix)) return false;
  const std::string_view body = text.substr(0, kPrefix.size() + kRandomSize);
  for (const char c : text.substr(kPrefix.size())) {
    if (kDigits.find(c) == std::string_view::npos) return false;
  }
  return text.substr(body.size()) == ReferenceChecksum(body);
}

void TestText(std::string_view text) {
  Require(crypto::CheckBearerTokenForm(text) == ReferenceForm(text), "a token has the form that it should have");
  // The same with a checksum that is right, so that only the rest decides.
  const std::string body(text.substr(0, kPrefix.size() + kRandomSize));
  const std::string summed = body + ReferenceChecksum(body);
  Require(crypto::CheckBearerTokenForm(summed) == ReferenceForm(summed), "a right checksum is not enough");
}

void TestMisprint(Input& input) {
  std::string token(kPrefix);
  for (std::size_t i = 0; i < kRandomSize; ++i) token += kDigits[input.Below(kDigits.size())];
  token += ReferenceChecksum(token);
  Require(crypto::CheckBearerTokenForm(token), "a token that is put together by the rules has the form");
  std::string misprint = token;
  misprint[input.Below(token.size())] = static_cast<char>(input.Byte());
  Require(crypto::CheckBearerTokenForm(misprint) == (misprint == token), "a single wrong character is found");
}

/// Remembers what it is asked to check.
class Listener final : public http::Authenticator {
 public:
  base::Result<http::Identity> CheckBearer(base::WorkerId, std::string_view token, base::WallTime) override {
    heard = std::string(token);
    return http::Identity{};
  }
  base::Result<http::Identity> CheckScraper(base::WorkerId worker, std::string_view token,
                                            base::WallTime now) override {
    return CheckBearer(worker, token, now);
  }
  base::Result<http::FileGrant> CheckSignedUrl(base::WorkerId, std::string_view, base::WallTime) override {
    return base::Fail(base::ErrorCode::kSignatureInvalid, "not asked for");
  }
  std::optional<std::string> heard;
};

/// `bearer` in any case, spaces, and the rest, or nothing.
std::optional<std::string> ReferenceCredentials(std::string_view value) {
  constexpr std::string_view kScheme = "bearer";
  std::size_t at = 0;
  for (; at < kScheme.size(); ++at) {
    if (at >= value.size() || (value[at] != kScheme[at] && value[at] != kScheme[at] - 'a' + 'A')) return std::nullopt;
  }
  if (at >= value.size() || value[at] != ' ') return std::nullopt;
  while (at < value.size() && value[at] == ' ') ++at;
  return std::string(value.substr(at));
}

void TestHeader(std::string_view value) {
  const std::string bytes = "GET /v1/jobs HTTP/1.1\r\nHost: a\r\nAuthorization: " + std::string(value) + "\r\n\r\n";
  http::Request request;
  http::HeadParser parser;
  if (!std::holds_alternative<http::Complete>(parser.Parse(bytes, request.head))) return;
  const auto field = request.head.Find("Authorization");
  Require(field.has_value(), "a header that is there is found");
  Listener listener;
  const auto known = http::stages::CheckBearer(request, listener, request.now);
  Require(listener.heard == ReferenceCredentials(*field), "the token is what stands behind the scheme");
  Require(known.has_value() == listener.heard.has_value(), "without a token nobody is known");
}

void Test(Input input) {
  switch (input.Below(3)) {
    case 0:
      return TestText(input.Rest());
    case 1:
      return TestMisprint(input);
    default:
      return TestHeader(input.Rest());
  }
}

}  // namespace
}  // namespace portal::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  portal::fuzz::Test({data, size});
  return 0;
}
