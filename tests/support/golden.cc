#include "tests/support/golden.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace turnout {

std::string fileText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void expectGolden(const std::string& file, const std::string& actual) {
  const std::filesystem::path path = std::filesystem::path("tests/golden") / file;
  if (std::getenv("UPDATE_GOLDEN")) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << actual;
  }
  EXPECT_EQ(fileText(path.string()), actual)
      << path << " differs. If that is meant: UPDATE_GOLDEN=1 ctest -R ..., then review the diff.";
}

}  // namespace turnout
