#include "pipelines/base/files.h"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace turnout {
namespace {

// As it would be left by a process that was killed so long ago.
void makeOld(const std::string& path) {
  const timespec times[] = {{.tv_sec = 1, .tv_nsec = 0}, {.tv_sec = 1, .tv_nsec = 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

TEST(TempDir, IsPrivateAndGoesAwayWithWhatIsInIt) {
  std::string path;
  {
    const auto made = TempDir::create("unit");
    ASSERT_TRUE(made) << made.error().what;
    path = made->path();
    struct stat info {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700u);
    std::ofstream(made->file("secret")) << "x";
  }
  std::error_code ignored;
  EXPECT_FALSE(std::filesystem::exists(path, ignored));
}

TEST(TempDir, TheNextOneSweepsWhatTheDeadLeftAndNothingElse) {
  const auto living = TempDir::create("unit");
  ASSERT_TRUE(living);
  makeOld(living->path());
  const std::string root = std::filesystem::path(living->path()).parent_path();
  const std::string dead =
      root + "/turnout-unit." + living->path().substr(living->path().size() - 5) + "_";
  const std::string young = dead.substr(0, dead.size() - 1) + "-";
  const std::string foreign = root + "/turnout_unit." + dead.substr(dead.size() - 6);
  for (const std::string& path : {dead, young, foreign})
    ASSERT_TRUE(std::filesystem::create_directory(path));
  std::ofstream(dead + "/secret") << "x";
  makeOld(dead);
  makeOld(foreign);
  sweepTempDirs();
  EXPECT_FALSE(std::filesystem::exists(dead));
  EXPECT_TRUE(std::filesystem::exists(young)) << "it may not be locked yet";
  EXPECT_TRUE(std::filesystem::exists(foreign)) << "another name";
  EXPECT_TRUE(std::filesystem::exists(living->path())) << "its owner lives";
  std::filesystem::remove(young);
  std::filesystem::remove(foreign);
}

}  // namespace
}  // namespace turnout
