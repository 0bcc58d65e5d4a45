#include "pipelines/media/test_picture.h"

#include "pipelines/media/frame_counter.h"

#include <cmath>
#include <numbers>

namespace turnout {
namespace {

constexpr std::uint8_t kBallLuma = 210;
constexpr std::uint8_t kBallU = 60;
constexpr std::uint8_t kBallV = 200;
constexpr std::uint8_t kGrey = 128;

struct Ball {
  double x, y, radius;
  bool covers(int px, int py) const { return std::hypot(px - x, py - y) < radius; }
};

Ball ballAt(const PictureFormat& format, double turn) {
  const double angle = 2 * std::numbers::pi * turn;
  return {format.width_px * (0.35 + 0.2 * std::cos(angle)),
          format.height_px * (0.55 + 0.25 * std::sin(angle)), format.height_px * 0.1};
}

// The lower right quarter. xorshift32 (Marsaglia 2003), seeded by the frame.
void drawNoise(std::uint8_t* luma, const PictureFormat& format, unsigned frame) {
  std::uint32_t state = 2463534242u ^ ((frame + 1) * 2654435761u);
  for (int y = format.height_px / 2; y < format.height_px; y++)
    for (int x = format.width_px * 3 / 4; x < format.width_px; x++) {
      state ^= state << 13;
      state ^= state >> 17;
      state ^= state << 5;
      luma[y * format.width_px + x] = static_cast<std::uint8_t>(64 + (state >> 25));
    }
}

}  // namespace

std::vector<std::uint8_t> drawTestPicture(const PictureFormat& format, unsigned frame,
                                          unsigned frames_in_loop) {
  const auto luma_size = static_cast<std::size_t>(format.width_px * format.height_px);
  std::vector<std::uint8_t> picture(luma_size * 3 / 2, kGrey);
  const Ball ball = ballAt(format, static_cast<double>(frame % frames_in_loop) / frames_in_loop);
  for (int y = 0; y < format.height_px; y++)
    for (int x = 0; x < format.width_px; x++)
      picture[static_cast<std::size_t>(y * format.width_px + x)] =
          ball.covers(x, y) ? kBallLuma : static_cast<std::uint8_t>(40 + 80 * x / format.width_px);
  drawNoise(picture.data(), format, frame);
  drawFrameCounter(picture.data(), format.width_px, format.width_px, frame);

  std::uint8_t* u = picture.data() + luma_size;
  std::uint8_t* v = u + luma_size / 4;
  for (int y = 0; y < format.height_px / 2; y++)
    for (int x = 0; x < format.width_px / 2; x++)
      if (ball.covers(2 * x, 2 * y)) {
        u[y * format.width_px / 2 + x] = kBallU;
        v[y * format.width_px / 2 + x] = kBallV;
      }
  return picture;
}

}  // namespace turnout
