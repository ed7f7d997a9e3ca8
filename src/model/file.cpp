#include "model/file.h"

#include <algorithm>

#include "model/id_text.h"
#include "model/plain_text.h"

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
  return text.find('/') == std::string_view::npos && IsPlainText(text);
}

}  // namespace portal::model
