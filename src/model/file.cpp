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

namespace {

/// U+0000 to U+001F and U+007F to U+009F: in a name, only ever somebody's attempt on a log, a terminal or a
/// header.
bool HasControlCharacter(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return true;
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

}  // namespace

bool IsFileName(std::string_view text) {
  constexpr std::size_t kMaxBytes = 255;
  if (text.empty() || text.size() > kMaxBytes || text == "." || text == "..") return false;
  if (text.find('/') != std::string_view::npos || HasControlCharacter(text)) return false;
  return base::IsValidUtf8(text);
}

}  // namespace portal::model
