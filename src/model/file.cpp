#include "model/file.h"

#include <algorithm>

#include "base/ascii.h"
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

bool IsContentType(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  const auto token = [&](std::string_view part) {
    return !part.empty() && std::ranges::all_of(part, [&](char c) {
      const char lower = base::ToLowerAscii(c);
      return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
    });
  };
  if (text.size() > kMaxContentTypeBytes) return false;
  if (!std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; })) return false;
  const std::string_view type = text.substr(0, text.find(';'));
  const std::size_t slash = type.find('/');
  if (slash == std::string_view::npos) return false;
  const std::size_t end = type.find_last_not_of(' ');
  return token(type.substr(0, slash)) && token(type.substr(slash + 1, end - slash));
}

}  // namespace portal::model
