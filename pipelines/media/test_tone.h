// What a bot says: a steady tone with a short higher tick at every full second, so that an ear or a
// filter can tell that sound flows and where it is in time. Mono, 48 kHz. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace turnout {

inline constexpr unsigned kToneSampleRate_hz = 48'000;
inline constexpr double kTone_hz = 440;
inline constexpr double kTick_hz = 1'760;
inline constexpr unsigned kTickLength_ms = 20;

std::vector<std::int16_t> drawTone(std::size_t first_sample, std::size_t samples);

}  // namespace turnout
