#pragma once

#include <string_view>

namespace portal::base {

/// A file of the source tree that is part of the binary (`portal_embed` in CMakeLists.txt).
struct Resource {
  std::string_view name;  ///< its file name, `0001_initial.sql`
  std::string_view content;
};

}  // namespace portal::base
