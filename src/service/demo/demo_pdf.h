#pragma once

#include <span>
#include <string>
#include <string_view>

#include "service/demo/demo_picture.h"

namespace portal::service {

/// One page of A4 in PDF 1.4 (ISO 32000-1): a title, lines of ASCII text, a picture below them.
struct DemoPdf {
  std::string_view title;  ///< ASCII
  std::span<const std::string_view> lines;
  const DemoPicture* picture = nullptr;  ///< kept uncompressed
  /// When not 0, the file has exactly this many bytes: white space is put into its XMP packet, as the XMP
  /// specification recommends for later edits. REQUIRES: no smaller than the file without it.
  std::size_t exact_size = 0;
};

std::string EncodePdf(const DemoPdf& document);

}  // namespace portal::service
