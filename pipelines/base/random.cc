#include "pipelines/base/random.h"

#include "pipelines/base/result.h"

#include <cmath>

namespace turnout {
namespace {

constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio, odd

std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed, std::uint64_t stream) : state_(mix(seed) ^ mix(~stream)) {}

std::uint64_t Random::next() {
  return mix(state_ += kStep);
}

double Random::uniform() {
  return static_cast<double>(next() >> 11) * 0x1p-53;
}

std::uint64_t Random::below(std::uint64_t n) {
  TURNOUT_CHECK(n > 0, "nothing to choose from");
  const std::uint64_t skewed = (0 - n) % n;  // 2^64 mod n: so many low values would be too likely
  std::uint64_t drawn = next();
  while (drawn < skewed)
    drawn = next();
  return drawn % n;
}

double Random::exponential(double mean) {
  return -mean * std::log1p(-uniform());
}

}  // namespace turnout
