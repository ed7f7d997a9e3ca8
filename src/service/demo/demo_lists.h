#pragma once

#include <string_view>
#include <vector>

namespace portal::service {

/// The lists in `seed/`, one entry a line, embedded in the program.
struct DemoLists {
  DemoLists();

  std::vector<std::string_view> first_names;
  std::vector<std::string_view> last_names;
  std::vector<std::string_view> companies;
  std::vector<std::string_view> streets;
  std::vector<std::string_view> cities;
  std::vector<std::string_view> job_titles;
  std::vector<std::string_view> photo_names;
  std::vector<std::string_view> document_names;
  std::vector<std::string_view> document_text;
};

}  // namespace portal::service
