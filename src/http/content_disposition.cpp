#include "http/content_disposition.h"

#include <algorithm>
#include <array>

#include "http/percent.h"

namespace portal::http {

std::string ContentDisposition(std::string_view type, std::string_view file_name) {
  std::string out(type);
  out += "; filename=\"";
  for (const char c : file_name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 && byte < 0xC0) continue;  // the rest of a character that already became `_`
    // Quotes and backslashes would need escapes that clients read differently; so would `%` (RFC 6266, appendix D).
    const bool plain = byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\' && c != '%';
    out += plain ? c : '_';
  }
  out += "\"; filename*=UTF-8''";
  AppendPercentEncoded(file_name, out);
  return out;
}

bool MayBeShownInline(std::string_view content_type) {
  static constexpr std::array<std::string_view, 7> kTypes = {"image/png",       "image/jpeg", "image/gif", "image/webp",
                                                             "application/pdf", "text/plain", "video/mp4"};
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

}  // namespace portal::http
