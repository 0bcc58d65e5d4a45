// A number in a picture that survives the encoder: a strip of black and white cells along the top
// edge of the luma plane. A cell is width/24 pixels square:
//
//   white black | 16 bits, most significant first | 4 check bits | black white
//
// The check bits are the exclusive or of the number's four nibbles. Pure.
#pragma once

#include <cstdint>
#include <optional>

namespace turnout {

inline constexpr int kFrameCounterCells = 24;
inline constexpr int kFrameCounterMinWidth_px = kFrameCounterCells * 4;

// `value` is taken modulo 65536. The picture must be at least kFrameCounterMinWidth_px wide.
void drawFrameCounter(std::uint8_t* luma, int stride, int width_px, unsigned value);

// Nullopt when there is no readable strip or its check bits are wrong.
std::optional<unsigned> readFrameCounter(const std::uint8_t* luma, int stride, int width_px,
                                         int height_px);

}  // namespace turnout
