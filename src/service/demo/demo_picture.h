#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace portal::service {

/// An image of one byte a pixel, rows from the top, each byte an index into the palette.
struct DemoPicture {
  struct Colour {
    std::uint8_t red, green, blue;
  };
  static constexpr std::size_t kColours = 32;

  std::size_t width = 0;
  std::size_t height = 0;
  std::string pixels;
  std::array<Colour, kColours> palette{};
};

/// A house under its roof. `variation` decides colours, pitch of the roof and state of the work.
DemoPicture DrawHouse(std::size_t width, std::size_t height, unsigned variation);

}  // namespace portal::service
