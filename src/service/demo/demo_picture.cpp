#include "service/demo/demo_picture.h"

#include <algorithm>
#include <cstring>

namespace portal::service {
namespace {

using Colour = DemoPicture::Colour;

// The palette: sixteen shades of sky, then what stands before it.
constexpr std::size_t kSkyShades = 16;
enum Ink : unsigned char {
  kCloud = kSkyShades,
  kSun,
  kLawn,
  kMownLawn,
  kWall,
  kSiding,
  kRoof,
  kShingleEdge,
  kTrim,
  kGlass,
  kDoor,
  kBrick,
  kTarp,
  kFoundation,
};

Colour Between(Colour from, Colour to, std::size_t step, std::size_t steps) {
  const auto mix = [&](int a, int b) {
    return static_cast<std::uint8_t>(a + (b - a) * static_cast<int>(step) / static_cast<int>(steps));
  };
  return {mix(from.red, to.red), mix(from.green, to.green), mix(from.blue, to.blue)};
}

Colour Darker(Colour colour) { return Between(colour, {0, 0, 0}, 1, 7); }

void MixPalette(DemoPicture& picture, unsigned variation) {
  constexpr Colour kSkies[][2] = {
      {{86, 146, 214}, {205, 228, 245}}, {{120, 134, 150}, {196, 203, 208}}, {{92, 110, 170}, {246, 206, 170}}};
  constexpr Colour kWalls[] = {{236, 226, 200}, {176, 190, 197}, {214, 170, 130}, {245, 245, 240}, {150, 170, 140}};
  constexpr Colour kRoofs[] = {{92, 84, 80}, {140, 70, 52}, {70, 84, 100}, {110, 96, 70}};
  const auto& sky = kSkies[variation % std::size(kSkies)];
  for (std::size_t i = 0; i < kSkyShades; ++i) picture.palette[i] = Between(sky[0], sky[1], i, kSkyShades - 1);
  const Colour wall = kWalls[variation % std::size(kWalls)];
  const Colour roof = kRoofs[variation % std::size(kRoofs)];
  picture.palette[kCloud] = {244, 246, 248};
  picture.palette[kSun] = {255, 240, 190};
  picture.palette[kLawn] = {104, 146, 74};
  picture.palette[kMownLawn] = {118, 160, 84};
  picture.palette[kWall] = wall;
  picture.palette[kSiding] = Darker(wall);
  picture.palette[kRoof] = roof;
  picture.palette[kShingleEdge] = Darker(roof);
  picture.palette[kTrim] = {250, 250, 248};
  picture.palette[kGlass] = {88, 112, 132};
  picture.palette[kDoor] = {120, 48, 44};
  picture.palette[kBrick] = {156, 84, 66};
  picture.palette[kTarp] = {52, 104, 176};
  picture.palette[kFoundation] = {128, 126, 122};
}

/// Fills shapes whose corners are given in thousandths of the picture's width and height.
class Brush {
 public:
  explicit Brush(DemoPicture& picture) : picture_(picture) {}

  void Rectangle(int left, int top, int right, int bottom, unsigned char ink) {
    for (std::size_t y = Y(top); y < Y(bottom); ++y) Span(y, X(left), X(right), ink);
  }
  void Ellipse(int centre_x, int centre_y, int radius_x, int radius_y, unsigned char ink) {
    for (int dy = -radius_y; dy < radius_y; ++dy) {
      // Rows of thousandths are thinner than those of pixels in any picture drawn here.
      int half = 0;
      while (half < radius_x && (half * half * radius_y * radius_y + dy * dy * radius_x * radius_x) <
                                    radius_x * radius_x * radius_y * radius_y) {
        ++half;
      }
      Rectangle(centre_x - half, centre_y + dy, centre_x + half, centre_y + dy + 1, ink);
    }
  }
  /// A roof seen from the eaves: `slant` is how much shorter the ridge is than the eaves, on either side.
  void Trapezoid(int left, int top, int right, int bottom, int slant, int courses) {
    const std::size_t first = Y(top), rows = Y(bottom) - first;
    const std::size_t course_height = std::max<std::size_t>(rows / static_cast<std::size_t>(courses), 3);
    for (std::size_t row = 0; row < rows; ++row) {
      const std::size_t inset = X(slant) * (rows - row) / rows;
      const std::size_t from = X(left) + inset, to = X(right) - inset;
      const bool edge = row % course_height == course_height - 1;
      Span(first + row, from, to, edge ? kShingleEdge : kRoof);
      if (edge) continue;
      const std::size_t shingle = course_height * 2;
      const std::size_t shift = (row / course_height) % 2 * course_height;
      for (std::size_t x = from + shingle - (from + shift) % shingle; x < to; x += shingle) {
        Span(first + row, x, x + 1, kShingleEdge);
      }
    }
  }

 private:
  std::size_t X(int thousandths) const { return picture_.width * static_cast<std::size_t>(thousandths) / 1000; }
  std::size_t Y(int thousandths) const { return picture_.height * static_cast<std::size_t>(thousandths) / 1000; }
  void Span(std::size_t y, std::size_t from, std::size_t to, unsigned char ink) {
    to = std::min(to, picture_.width);
    if (y < picture_.height && from < to) std::memset(&picture_.pixels[y * picture_.width + from], ink, to - from);
  }

  DemoPicture& picture_;
};

void DrawSurroundings(Brush& brush, unsigned variation) {
  for (int i = 0; i < static_cast<int>(kSkyShades); ++i) {
    brush.Rectangle(0, 700 * i / 16, 1000, 700 * (i + 1) / 16, static_cast<unsigned char>(i));
  }
  const int drift = static_cast<int>(variation * 137 % 500);
  brush.Ellipse(880, 130, 45, 60, kSun);
  for (const int puff : {0, 50, 105}) brush.Ellipse(120 + drift + puff, 150 - puff % 3 * 8, 60, 38, kCloud);
  for (int stripe = 0; stripe < 6; ++stripe) {
    brush.Rectangle(0, 700 + 50 * stripe, 1000, 750 + 50 * stripe, stripe % 2 == 0 ? kLawn : kMownLawn);
  }
}

void DrawWindow(Brush& brush, int left, int top) {
  brush.Rectangle(left - 8, top - 10, left + 98, top + 150, kTrim);
  brush.Rectangle(left, top, left + 42, top + 66, kGlass);
  brush.Rectangle(left + 48, top, left + 90, top + 66, kGlass);
  brush.Rectangle(left, top + 74, left + 42, top + 140, kGlass);
  brush.Rectangle(left + 48, top + 74, left + 90, top + 140, kGlass);
}

void DrawWalls(Brush& brush) {
  brush.Rectangle(180, 480, 820, 810, kWall);
  for (int y = 495; y < 810; y += 16) brush.Rectangle(180, y, 820, y + 3, kSiding);
  brush.Rectangle(175, 800, 825, 825, kFoundation);
  DrawWindow(brush, 240, 560);
  DrawWindow(brush, 670, 560);
  brush.Rectangle(448, 570, 552, 812, kTrim);
  brush.Rectangle(458, 582, 542, 812, kDoor);
  brush.Rectangle(526, 695, 534, 706, kSun);
}

void DrawRoof(Brush& brush, unsigned variation) {
  const int ridge = 250 + static_cast<int>(variation * 53 % 90);
  const int chimney = 300 + static_cast<int>(variation * 211 % 360);
  brush.Rectangle(chimney, ridge - 70, chimney + 55, ridge + 90, kBrick);
  brush.Rectangle(chimney - 8, ridge - 78, chimney + 63, ridge - 62, kFoundation);
  brush.Trapezoid(140, ridge, 860, 490, 120, 14);
  brush.Rectangle(140, 484, 860, 500, kTrim);
  if (variation % 4 == 1) {  // before the work: a tarp over the damage
    const int left = 330 + static_cast<int>(variation * 97 % 200);
    brush.Rectangle(left, ridge + 60, left + 170, 450, kTarp);
  }
}

}  // namespace

DemoPicture DrawHouse(std::size_t width, std::size_t height, unsigned variation) {
  DemoPicture picture{width, height, std::string(width * height, '\0'), {}};
  MixPalette(picture, variation);
  Brush brush(picture);
  DrawSurroundings(brush, variation);
  DrawWalls(brush);
  DrawRoof(brush, variation);
  return picture;
}

}  // namespace portal::service
