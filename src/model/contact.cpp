#include "model/contact.h"

namespace portal::model {

bool IsContactId(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash_here = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (dash_here ? c != '-' : !hex) return false;
  }
  return true;
}

}  // namespace portal::model
