// Runs a fuzz entry over every file of the folders given and over mutations of each, the same ones
// every time, as an ordinary test: what the fuzzer found once never comes back, and what it would
// find at once is found without it. With --growth (./dev growth, not a test: it judges times) also over
// long texts in which pieces of each file are repeated: the time per byte must not grow with the
// length. Fails when a folder is empty, so that a moved corpus is noticed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int kMutations = 200;  // of each file
constexpr int kPieces = 6;       // of each file, repeated

// Times of this thread on a processor: what else the machine does counts little. A text that is
// kLonger times as long may take kSlower times as long as that would be; what takes less than kShort
// says nothing, and neither does a file that is long without repeating.
constexpr std::size_t kText = 16'000, kLonger = 8;  // bytes, times
constexpr double kSlower = 3, kShort = 0.05;        // times, seconds

void run(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

class Mutator {
 public:
  explicit Mutator(std::string bytes) : bytes_(std::move(bytes)) {}

  // One change more with each call, and the original again after eight.
  std::string next() {
    if (changes_++ % 8 == 0)
      changed_ = bytes_;
    const std::size_t at = below(changed_.size() + 1), length = 1 + below(8);
    switch (below(6)) {
      case 0:
        changed_.insert(at, 1, static_cast<char>(below(256)));
        break;
      case 1:
        changed_.erase(at, length);
        break;
      case 2:
        changed_.insert(at, changed_.substr(below(changed_.size() + 1), length));
        break;
      case 3:
        changed_.resize(at);
        break;
      default:
        if (at < changed_.size())
          changed_[at] = static_cast<char>(changed_[at] ^ (1 << below(8)));
    }
    return changed_;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }

  const std::string bytes_;
  std::string changed_;
  int changes_ = 0;
  std::mt19937 random_{1};
};

double secondsOnProcessor() {
  timespec at{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
}

double secondsFor(const std::string& bytes) {
  const double began = secondsOnProcessor();
  run(bytes);
  return secondsOnProcessor() - began;
}

// Of one file: texts that say a piece of it again and again, in its place.
class Growth {
 public:
  Growth(std::string name, std::string bytes) : name_(std::move(name)), bytes_(std::move(bytes)) {}

  bool isLinear() {
    for (int n = 0; n < kPieces && !bytes_.empty(); n++)
      if (!isLinear(random_() % bytes_.size(), 1 + random_() % 40))
        return false;
    return true;
  }
  double worstPerByte() const { return worst_; }  // seconds

 private:
  std::string repeated(std::size_t at, std::size_t length, std::size_t size) const {
    const std::string piece = bytes_.substr(at, length);
    std::string text = bytes_.substr(0, at);
    while (text.size() < size)
      text += piece;
    return text + bytes_.substr(std::min(bytes_.size(), at + length));
  }

  bool isLinear(std::size_t at, std::size_t length) {
    const std::string text = repeated(at, length, kText);
    const std::string longer = repeated(at, length, kText * kLonger);
    const double allowed =
        kSlower * static_cast<double>(longer.size()) / static_cast<double>(text.size());
    for (int look = 0; look < 3; look++) {
      const double first = secondsFor(text), second = secondsFor(longer);
      worst_ = std::max(worst_, second / static_cast<double>(longer.size()));
      if (second < kShort || second <= first * allowed)
        return true;
    }
    std::printf("%s: %zu bytes from %zu on, repeated, take more than linear time\n", name_.c_str(),
                length, at);
    return false;
  }

  const std::string name_, bytes_;
  double worst_ = 0;
  std::mt19937 random_{1};
};

}  // namespace

int main(int argc, char** argv) {
  int files = 0;
  bool is_linear = true;
  double worst = 0;
  const bool judges_growth = argc > 1 && std::string(argv[1]) == "--growth";
  for (int i = judges_growth ? 2 : 1; i < argc; i++) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes((std::istreambuf_iterator<char>(file)), {});
      run(bytes);
      Mutator mutator(bytes);
      for (int n = 0; n < kMutations; n++)
        run(mutator.next());
      files++;
      if (!judges_growth)
        continue;
      Growth growth(entry.path(), bytes);
      is_linear = growth.isLinear() && is_linear;
      worst = std::max(worst, growth.worstPerByte());
    }
  }
  std::printf("%d files replayed, %d mutations of each\n", files, kMutations);
  if (judges_growth)
    std::printf("%.0f ns a byte at worst\n", worst * 1e9);
  return files > 0 && is_linear ? 0 : 1;
}
