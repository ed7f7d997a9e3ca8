#include "model/file.h"

#include <algorithm>

#include "base/json_text.h"
#include "model/id_text.h"

namespace portal::model {

std::optional<FileKind> ParseFileKind(std::string_view text) {
  const auto found = std::find(kFileKindNames.begin(), kFileKindNames.end(), text);
  if (found == kFileKindNames.end()) return std::nullopt;
  return static_cast<FileKind>(found - kFileKindNames.begin());
}

bool IsFileId(std::string_view text) { return IsPrefixedId(text, "file_"); }

bool IsFileName(std::string_view text) {
  constexpr std::size_t kMaxBytes = 255;
  if (text.empty() || text.size() > kMaxBytes || text == "." || text == "..") return false;
  if (text.find('/') != std::string_view::npos || text.find('\0') != std::string_view::npos) return false;
  return base::IsValidUtf8(text);
}

}  // namespace portal::model
