#include "model/tenant.h"

#include <algorithm>

#include "model/id_text.h"

namespace portal::model {

bool IsTenantSlug(std::string_view text) {
  constexpr std::size_t kMaxBytes = 40;
  if (text.empty() || text.size() > kMaxBytes || text.front() == '-' || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool IsClientId(std::string_view text) {
  constexpr std::size_t kMaxBytes = 64;
  if (text.empty() || text.size() > kMaxBytes) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAsciiAlphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

bool IsBucketName(std::string_view text) { return IsClientId(text) && text != "." && text != ".."; }

}  // namespace portal::model
