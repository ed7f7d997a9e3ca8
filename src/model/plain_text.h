#pragma once

#include <string_view>

namespace portal::model {

/// UTF-8 without control characters (U+0000 to U+001F, U+007F to U+009F): in a name, those are only ever
/// somebody's attempt on a log, a terminal or a header.
bool IsPlainText(std::string_view text);

/// What people call a tenant, a client or a token: plain text of 1 to 200 bytes.
bool IsDisplayName(std::string_view text);

}  // namespace portal::model
