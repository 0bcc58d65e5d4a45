// The only source of chance in the tree: SplitMix64 (Steele, Lea, Flood 2014; public domain
// algorithm by S. Vigna). Own code because a plan must be the same everywhere, and the
// distributions of <random> differ between standard libraries.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace turnout {

class Random {
 public:
  // Streams of one seed are independent: drawing more from one does not change another.
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0);

  std::uint64_t next();
  double uniform();                      // 0 <= u < 1
  std::uint64_t below(std::uint64_t n);  // 0..n-1, each as likely; n > 0
  double exponential(double mean);       // gaps between the events of a Poisson process

  template <class T>
  void shuffle(std::vector<T>& items) {  // Fisher-Yates
    for (std::size_t i = items.size(); i > 1; i--)
      std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t state_;
};

}  // namespace turnout
