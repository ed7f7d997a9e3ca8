#pragma once

#include <string>

namespace portal::crypto {

/// `portal_`, 43 base62 characters (256 random bits), 6 base62 characters of the CRC-32 of all before, so
/// that secret scanners can tell a token from noise without asking anybody.
std::string NewBearerToken();

}  // namespace portal::crypto
