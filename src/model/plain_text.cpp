#include "model/plain_text.h"

#include "base/json_text.h"

namespace portal::model {

bool IsPlainText(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return false;
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) return false;
  }
  return base::IsValidUtf8(text);
}

bool IsDisplayName(std::string_view text) {
  constexpr std::size_t kMaxBytes = 200;
  return !text.empty() && text.size() <= kMaxBytes && IsPlainText(text);
}

}  // namespace portal::model
