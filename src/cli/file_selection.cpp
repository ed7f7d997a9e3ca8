#include "cli/file_selection.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "model/file.h"

namespace portal::cli {
namespace {

namespace fs = std::filesystem;

base::Status Refuse(const fs::path& path, const std::string& why) {
  return base::Fail(base::ErrorCode::kValidation, path.string() + " " + why);
}

struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;  // 0 is no file's
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

FileIdentity IdentityOf(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

/// Knows what belongs to the portal itself, by whatever path it is named.
class OwnFiles {
 public:
  explicit OwnFiles(const app::DataFolder& folder) {
    std::error_code error;
    folder_ = fs::canonical(folder.path(), error);
    // Another link to one of these would lie outside the folder and still be the same file.
    for (std::size_t i = 0; i < database_.size(); ++i) {
      database_[i] = IdentityOf(fs::path(folder.database()).concat(kSuffixes[i]));
    }
  }

  bool Include(const fs::path& path) const {
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    const auto [rest, end] = std::mismatch(folder_.begin(), folder_.end(), real.begin(), real.end());
    if (rest == folder_.end()) return true;
    const FileIdentity identity = IdentityOf(path);
    return identity.inode != 0 && std::ranges::find(database_, identity) != database_.end();
  }

 private:
  static constexpr std::array<const char*, 3> kSuffixes = {"", "-wal", "-shm"};
  fs::path folder_;
  std::array<FileIdentity, kSuffixes.size()> database_;
};

class Selection {
 public:
  explicit Selection(const app::DataFolder& folder) : own_(folder) {}

  base::Status Take(const fs::path& given) {
    std::error_code error;
    const fs::file_status status = fs::status(given, error);
    if (error) return Refuse(given, "cannot be read: " + error.message());
    if (!fs::is_directory(status)) return Add(given, status);
    fs::recursive_directory_iterator entries(given, error);
    for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
      const bool hidden = entries->path().filename().native().starts_with('.');
      if (hidden) entries.disable_recursion_pending();
      const fs::file_status found = entries->symlink_status(error);
      if (error) break;
      if (!hidden && fs::is_directory(found)) continue;
      if (hidden || !fs::is_regular_file(found)) {
        ++selected.passed_over;
        continue;
      }
      if (auto added = Add(entries->path(), found); !added) return added;
    }
    if (error) return Refuse(given, "cannot be read: " + error.message());
    return {};
  }

  SelectedFiles selected;

 private:
  base::Status Add(const fs::path& path, const fs::file_status& status) {
    if (!fs::is_regular_file(status)) return Refuse(path, "is not a regular file");
    if (own_.Include(path)) {
      return Refuse(path, "belongs to the portal's own data folder; put files that lie elsewhere");
    }
    const std::string name = path.filename().string();
    if (!model::IsFileName(name)) {
      return Refuse(path,
                    "has a name that no file of a job can have: 1 to 255 bytes of UTF-8 without control characters");
    }
    const auto [at, added] = selected.files.emplace(name, path);
    if (added || at->second == path) return {};
    return base::Fail(base::ErrorCode::kConflict, at->second.string() + " and " + path.string() +
                                                      " have the same name, and a job has one file of a name. Rename "
                                                      "one of them");
  }

  const OwnFiles own_;
};

}  // namespace

base::Result<SelectedFiles> SelectFiles(const std::vector<fs::path>& paths, const app::DataFolder& folder) {
  const app::CallerScope caller;  // they are the caller's files, not the data folder's owner's
  Selection selection(folder);
  for (const fs::path& path : paths) {
    auto taken = selection.Take(path.has_filename() ? path : path.parent_path());
    if (!taken) return base::Fail(std::move(taken.error()));
  }
  return std::move(selection.selected);
}

}  // namespace portal::cli
