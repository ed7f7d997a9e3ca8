#pragma once

#include <string>

#include "service/demo/demo_picture.h"

namespace portal::service {

/// The picture as a PNG file (RFC 2083) with a palette, compressed as far as plain areas go.
std::string EncodePng(const DemoPicture& picture);

}  // namespace portal::service
