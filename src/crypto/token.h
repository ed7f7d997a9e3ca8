#pragma once

#include <string>
#include <string_view>

namespace portal::crypto {

/// What every token that the portal makes begins with.
inline constexpr std::string_view kBearerTokenPrefix = "portal_";

/// `portal_`, 43 base62 characters (256 random bits), 6 base62 characters of the CRC-32 of all before, so
/// that secret scanners can tell a token from noise without asking anybody.
std::string NewBearerToken();

/// Is `token` of that form, its checksum included? It says nothing about whether the token was ever given out, and
/// takes no secret to answer.
bool CheckBearerTokenForm(std::string_view token);

}  // namespace portal::crypto
