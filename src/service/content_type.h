#pragma once

#include <cstddef>
#include <string_view>

#include "model/file.h"

namespace portal::service {

/// How much of a file `SniffContentType` makes use of.
inline constexpr std::size_t kSniffBytes = 64 << 10;

/// The media type that the first bytes of a file show, whatever its name says: documents, pictures and
/// videos by their magic numbers, office files by what is in their archives, `text/plain; charset=utf-8` for UTF-8
/// without control characters, else `application/octet-stream`. `whole`: the file has no more bytes than these.
std::string_view SniffContentType(std::string_view head, bool whole);

/// What people call a file of that type.
model::FileKind KindOf(std::string_view content_type);

}  // namespace portal::service
