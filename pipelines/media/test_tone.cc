#include "pipelines/media/test_tone.h"

#include <cmath>
#include <numbers>

namespace turnout {
namespace {
constexpr double kAmplitude = 8'000;  // -12 dBFS: loud enough for any level meter, never clipped
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
