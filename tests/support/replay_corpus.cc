// Runs a fuzz entry over every file of the folders given and over mutations of each, the same ones
// every time, as an ordinary test: what the fuzzer found once never comes back, and what it would
// find at once is found without it. Fails when a folder is empty, so that a moved corpus is
// noticed.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int kMutations = 200;  // of each file

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

}  // namespace

int main(int argc, char** argv) {
  int files = 0;
  for (int i = 1; i < argc; i++) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes((std::istreambuf_iterator<char>(file)), {});
      run(bytes);
      Mutator mutator(bytes);
      for (int n = 0; n < kMutations; n++)
        run(mutator.next());
      files++;
    }
  }
  std::printf("%d files replayed, %d mutations of each\n", files, kMutations);
  return files > 0 ? 0 : 1;
}
