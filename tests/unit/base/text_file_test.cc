#include "pipelines/base/files.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace turnout {
namespace {

using testing::HasSubstr;

class TextFile : public testing::Test {
 protected:
  std::string write(const std::string& text) {
    std::ofstream(dir_.file("f"), std::ios::binary) << text;
    return dir_.file("f");
  }
  TempDir dir_ = *TempDir::create("text-file");
};

TEST_F(TextFile, IsReadWhole) {
  EXPECT_EQ(*readTextFile(write("two\nlines\n")), "two\nlines\n");
  EXPECT_EQ(*readTextFile(write("")), "");
}

TEST_F(TextFile, LargerThanOneMebibyteIsRefused) {
  EXPECT_TRUE(readTextFile(write(std::string(1 << 20, 'x'))));
  const auto large = readTextFile(write(std::string((1 << 20) + 1, 'x')));
  ASSERT_FALSE(large);
  EXPECT_THAT(large.error().what, HasSubstr("larger than 1 MiB"));
}

TEST_F(TextFile, ThatNeverEndsOrNeverBeginsHoldsNobodyUp) {
  EXPECT_THAT(readTextFile("/dev/zero").error().what, HasSubstr("neither a file nor a pipe"));
  EXPECT_THAT(readTextFile(dir_.path()).error().what, HasSubstr("a directory"));
  ASSERT_EQ(::mkfifo(dir_.file("pipe").c_str(), 0600), 0);
  EXPECT_THAT(readTextFile(dir_.file("pipe"), 20ms).error().what, HasSubstr("does not end"));
  EXPECT_FALSE(readTextFile(dir_.file("none")));
}

TEST_F(TextFile, ASecretIsItsFirstLineAndNeverQuoted) {
  EXPECT_EQ(readSecretFile(write("hunter2\r\nmore"), "secret")->reveal(), "hunter2");
  EXPECT_FALSE(readSecretFile(write("\nhunter2"), "secret"));
  EXPECT_FALSE(readSecretFile(write("hunter\xff"), "secret"));
}

}  // namespace
}  // namespace turnout
