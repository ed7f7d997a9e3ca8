#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "app/data_folder.h"
#include "base/result.h"

namespace portal::cli {

/// Files by the names they will have; a map, so that the order does not depend on the file system.
using NamedPaths = std::map<std::string, std::filesystem::path>;

struct SelectedFiles {
  NamedPaths files;
  std::size_t passed_over = 0;  ///< what folders hold besides: hidden entries, links, devices
};

/// Everything that `paths` name: files, and all files below folders but for hidden ones and links. Opens none
/// of them. kValidation names a path that is not there or not a regular file, a name that no file of a job
/// can have, or anything of the data folder itself: closing a descriptor of the open database's files would
/// drop SQLite's locks on them. kConflict: two files of one name.
base::Result<SelectedFiles> SelectFiles(const std::vector<std::filesystem::path>& paths, const app::DataFolder& folder);

}  // namespace portal::cli
