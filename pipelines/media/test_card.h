// What a bot shows and says, as raw frames. The picture has a frame counter for machines, a ball on a
// circle for people, and a field of noise that gives the encoder enough to do to reach its bit rate.
// The tone has a short higher tick at every full second, so that an ear or a filter can tell that
// sound flows and where it is in time. Pure; the same arguments give the same bytes.
//
// The counter is a number that survives the encoder: a strip of black and white cells along the top
// edge of the luma plane. A cell is width/24 pixels square:
//
//   white black | 16 bits, most significant first | 4 check bits | black white
//
// The check bits are the exclusive or of the number's four nibbles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace turnout {

struct PictureFormat {  // I420 without padding: width a multiple of 8, height even
  int width_px = 0;
  int height_px = 0;
};

// The ball goes round once per loop, so the last frame leads back to the first. The counter is
// `frame`.
std::vector<std::uint8_t> drawTestPicture(const PictureFormat& format, unsigned frame,
                                          unsigned frames_in_loop);

inline constexpr int kFrameCounterCells = 24;
inline constexpr int kFrameCounterMinWidth_px = kFrameCounterCells * 4;

// Draws the strip alone. `value` is taken modulo 65536. The picture must be at least
// kFrameCounterMinWidth_px wide.
void drawFrameCounter(std::uint8_t* luma, int stride, int width_px, unsigned value);

// Nullopt when there is no readable strip or its check bits are wrong.
std::optional<unsigned> readFrameCounter(const std::uint8_t* luma, int stride, int width_px,
                                         int height_px);

inline constexpr unsigned kToneSampleRate_hz = 48'000;
inline constexpr double kTone_hz = 440;
inline constexpr double kTick_hz = 1'760;
inline constexpr unsigned kTickLength_ms = 20;

// Mono, 48 kHz.
std::vector<std::int16_t> drawTone(std::size_t first_sample, std::size_t samples);

}  // namespace turnout
