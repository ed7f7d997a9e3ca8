#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace portal::cli {

/// What a command reads, and what is known of it beforehand.
struct InputFile {
  base::UniqueFd fd;
  std::uint64_t size = 0;  ///< 0: unknown, as of a pipe
};

/// `-` is standard input. kValidation names the file and what is wrong with it.
base::Result<InputFile> OpenInput(const std::string& file);
/// What messages call it.
std::string NameOfInput(const std::string& file);

}  // namespace portal::cli
