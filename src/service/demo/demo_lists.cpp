#include "service/demo/demo_lists.h"

#include <stdexcept>
#include <string>

#include "embedded/seed.h"

namespace portal::service {
namespace {

std::vector<std::string_view> Lines(std::string_view name) {
  for (const base::Resource& resource : embedded::seed()) {
    if (resource.name != name) continue;
    std::vector<std::string_view> lines;
    std::string_view rest = resource.content;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      lines.push_back(rest.substr(0, end));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return lines;
  }
  throw std::logic_error("seed/" + std::string(name) + " is not part of this program");
}

}  // namespace

DemoLists::DemoLists()
    : first_names(Lines("first_names.txt")),
      last_names(Lines("last_names.txt")),
      companies(Lines("companies.txt")),
      streets(Lines("streets.txt")),
      cities(Lines("cities.txt")),
      job_titles(Lines("job_titles.txt")),
      photo_names(Lines("photo_names.txt")),
      document_names(Lines("document_names.txt")),
      document_text(Lines("document_text.txt")) {}

}  // namespace portal::service
