#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/console.h"

namespace portal::cli {

/// The passphrase of sealed keys: the first line of `file`, else PORTAL_BACKUP_PASSPHRASE, else what is typed on the
/// terminal, unseen; `twice`: typed again, since nobody could open what a slip had sealed. kValidation where it is
/// empty, cannot be read, or there is nobody to ask.
base::Result<std::string> ReadPassphrase(const std::optional<std::filesystem::path>& file, bool twice,
                                         Console& console);

}  // namespace portal::cli
