#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/reader.h"
#include "store/writer.h"

namespace portal::service {

// The one password with which operators may sign in to the admin page in place of a token with scope `admin`. There is
// none until somebody sets it on the machine itself.

inline constexpr std::size_t kShortestPassword = 12;  ///< bytes
inline constexpr std::size_t kLongestPassword = 1024;

/// Keeps the password's hash in place of the one before, which ends what that had opened. kValidation: it is too short
/// or too long, nothing but blanks, or nothing that could be typed on the page: no UTF-8, or with control characters;
/// or the store's own troubles. Passwords are compared byte by byte: who types another normal form of Unicode than was
/// set types another password. Thread-safe.
base::Status SetOperatorPassword(store::Writer& writer, std::string_view password);

/// From here on tokens alone open the admin page. False: there was no password. Thread-safe.
base::Result<bool> RemoveOperatorPassword(store::Writer& writer);

/// The hash that is kept, for crypto::VerifyPassword; nullopt: there is no password.
base::Result<std::optional<std::string>> FindOperatorPassword(store::Reader& reader);

}  // namespace portal::service
