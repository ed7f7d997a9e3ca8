#include "service/backup/folder_entries.h"

namespace portal::service {

std::error_code ForEachEntry(const std::filesystem::path& folder,
                             base::FunctionRef<void(const std::filesystem::directory_entry&)> each) {
  std::error_code failed;
  for (auto entry = std::filesystem::directory_iterator(folder, failed); !failed && entry != end(entry);
       entry.increment(failed)) {
    each(*entry);
  }
  return failed;
}

}  // namespace portal::service
