#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace portal::service {

/// The signing keys of a data folder under a passphrase, for a backup. kNotFound: the folder has none yet.
base::Result<std::string> SealKeys(const std::filesystem::path& data_folder, std::string_view passphrase);
/// The text of `keys/signing.json` back. kValidation: another passphrase, or the bytes are damaged.
base::Result<std::string> UnsealKeys(std::string_view sealed, std::string_view passphrase);

}  // namespace portal::service
