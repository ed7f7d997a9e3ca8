#pragma once

#include <cstdint>
#include <string_view>

namespace portal::crypto {

/// The CRC-32 of zlib, PNG (ISO 3309) and Ethernet: finds accidents, not attacks.
std::uint32_t Crc32(std::string_view bytes);

}  // namespace portal::crypto
