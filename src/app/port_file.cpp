#include "app/port_file.h"

#include <fstream>
#include <string>
#include <system_error>

namespace portal::app {

base::Status PortFile::Write(const std::vector<net::Listener>& listeners) const {
  if (path_.empty()) return {};
  const std::filesystem::path temporary = path_.string() + ".new";
  std::ofstream file(temporary, std::ios::trunc);
  for (const net::Listener& listener : listeners) {
    if (listener.is_unix()) {
      file << listener.address().substr(std::string_view("unix:").size()) << "\n";
    } else {
      file << listener.port() << "\n";
    }
  }
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(temporary, path_, error);
  if (!file || error) {
    return base::Fail(base::ErrorCode::kUnavailable,
                      "Cannot write port_file " + path_.string() + "; name a file in a folder that can be written to");
  }
  return {};
}

bool PortFile::IsThere() const {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path_, ignored);
}

void PortFile::Remove() const {
  std::error_code ignored;
  if (IsThere()) std::filesystem::remove(path_, ignored);
}

}  // namespace portal::app
