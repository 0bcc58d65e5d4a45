#include "pipelines/media/frame_counter.h"

#include <array>
#include <cmath>
#include <cstring>

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

}  // namespace turnout
