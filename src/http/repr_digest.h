#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/head.h"

namespace portal::http {

/// The SHA-256 that a request's Repr-Digest (RFC 9530 §3) promises, as the base64 text between its colons; nullopt
/// where it names none, since other algorithms are ignored. kBadRequest: a sha-256 that is no byte sequence of 32 bytes
/// (RFC 8941 §3.3.5).
base::Result<std::optional<std::string_view>> PromisedSha256(const Head& head);

/// The field's value for content of that hash.
std::string ReprDigest(std::span<const unsigned char, 32> sha256);

}  // namespace portal::http
