#include "pipelines/media/test_card.h"

#include <array>
#include <cmath>
#include <cstring>
#include <numbers>

namespace turnout {
namespace {

constexpr int kFirstBit = 2;
constexpr int kBits = 16;
constexpr int kCheckBits = 4;
constexpr std::uint8_t kBlack = 16;  // video range, ITU-R BT.601
constexpr std::uint8_t kWhite = 235;
constexpr double kMinContrast = 64;  // of 219: less is not our strip, or too spoilt to trust

unsigned withCheckBits(unsigned value) {
  value &= 0xffff;
  const unsigned check = (value >> 12) ^ (value >> 8) ^ (value >> 4) ^ value;
  return (value << kCheckBits) | (check & 0xf);
}

bool isWhite(int cell, unsigned word) {
  if (cell < kFirstBit)
    return cell == 0;
  const int bit = kBits + kCheckBits - 1 - (cell - kFirstBit);
  return bit >= 0 ? ((word >> bit) & 1) != 0 : cell == kFrameCounterCells - 1;
}

// The mean of the middle of a cell: its edges belong to blocks shared with the neighbours.
double cellMean(const std::uint8_t* luma, int stride, int cell_px, int cell) {
  const int margin = cell_px / 4;
  int sum = 0;
  int count = 0;
  for (int y = margin; y < cell_px - margin; y++)
    for (int x = margin; x < cell_px - margin; x++, count++)
      sum += luma[y * stride + cell * cell_px + x];
  return static_cast<double>(sum) / count;
}

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

constexpr double kAmplitude = 8'000;  // -12 dBFS: loud enough for any level meter, never clipped

}  // namespace

void drawFrameCounter(std::uint8_t* luma, int stride, int width_px, unsigned value) {
  const int cell_px = width_px / kFrameCounterCells;
  const unsigned word = withCheckBits(value);
  for (int y = 0; y < cell_px; y++)
    for (int cell = 0; cell < kFrameCounterCells; cell++)
      std::memset(luma + y * stride + cell * cell_px, isWhite(cell, word) ? kWhite : kBlack,
                  static_cast<std::size_t>(cell_px));
}

std::optional<unsigned> readFrameCounter(const std::uint8_t* luma, int stride, int width_px,
                                         int height_px) {
  const int cell_px = width_px / kFrameCounterCells;
  if (width_px < kFrameCounterMinWidth_px || height_px < cell_px)
    return std::nullopt;
  std::array<double, kFrameCounterCells> means{};
  for (int cell = 0; cell < kFrameCounterCells; cell++)
    means[static_cast<std::size_t>(cell)] = cellMean(luma, stride, cell_px, cell);
  const double white = (means.front() + means.back()) / 2;
  const double black = (means[1] + means[kFrameCounterCells - 2]) / 2;
  if (white - black < kMinContrast)
    return std::nullopt;
  const double middle = (white + black) / 2;
  unsigned word = 0;
  for (std::size_t cell = kFirstBit; cell < kFirstBit + kBits + kCheckBits; cell++) {
    if (std::abs(means[cell] - middle) < (white - black) / 8)
      return std::nullopt;
    word = (word << 1) | (means[cell] > middle ? 1u : 0u);
  }
  const unsigned value = word >> kCheckBits;
  return withCheckBits(value) == word ? std::optional(value) : std::nullopt;
}

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

std::vector<std::int16_t> drawTone(std::size_t first_sample, std::size_t samples) {
  std::vector<std::int16_t> pcm(samples);
  for (std::size_t i = 0; i < samples; i++) {
    const std::size_t at = first_sample + i;
    const bool tick = at % kToneSampleRate_hz < kToneSampleRate_hz * kTickLength_ms / 1'000;
    const double cycles =
        (tick ? kTick_hz : kTone_hz) * static_cast<double>(at) / kToneSampleRate_hz;
    pcm[i] = static_cast<std::int16_t>(kAmplitude * std::sin(2 * std::numbers::pi * cycles));
  }
  return pcm;
}

}  // namespace turnout
