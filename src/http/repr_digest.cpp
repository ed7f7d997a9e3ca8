#include "http/repr_digest.h"

#include <algorithm>

#include "base/ascii.h"
#include "crypto/base64url.h"
#include "http/head_syntax.h"

namespace portal::http {
namespace {

constexpr std::string_view kAlgorithm = "sha-256";
// 32 bytes are 43 digits and a padding (RFC 4648 §4).
constexpr std::size_t kDigits = 43;

bool IsBase64Digit(char c) {
  const char lower = base::ToLowerAscii(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

bool IsSha256Text(std::string_view text) {
  return text.size() == kDigits + 1 && text.back() == '=' &&
         std::ranges::all_of(text.substr(0, kDigits), IsBase64Digit);
}

/// `:base64:`, perhaps with parameters behind it.
std::optional<std::string_view> BytesOf(std::string_view value) {
  value = TrimBlanks(value.substr(0, value.find(';')));
  if (value.size() < 2 || value.front() != ':' || value.back() != ':') return std::nullopt;
  value = value.substr(1, value.size() - 2);
  if (!IsSha256Text(value)) return std::nullopt;
  return value;
}

}  // namespace

base::Result<std::optional<std::string_view>> PromisedSha256(const Head& head) {
  std::optional<std::string_view> promised;
  for (const HeaderField& field : head.fields) {
    if (!base::EqualsIgnoreCase(field.name, "Repr-Digest")) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      const std::string_view member = TrimBlanks(rest.substr(0, comma));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
      const std::size_t equals = member.find('=');
      if (member.substr(0, equals) != kAlgorithm) continue;
      const auto bytes = equals == std::string_view::npos ? std::nullopt : BytesOf(member.substr(equals + 1));
      if (!bytes) {
        return base::Fail(base::ErrorCode::kBadRequest,
                          "Repr-Digest: sha-256 must be the base64 of 32 bytes between colons, as in sha-256=:…=:");
      }
      promised = bytes;  // the last one counts (RFC 8941 §3.2)
    }
  }
  return promised;
}

std::string ReprDigest(std::span<const unsigned char, 32> sha256) {
  return std::string(kAlgorithm) + "=:" + crypto::ToBase64(sha256) + ":";
}

}  // namespace portal::http
