#include "bots/signaling/server/engine_server.h"
#include "orchestrator/cli/command.h"
#include "pipelines/base/files.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

namespace turnout {
namespace {

TEST(SocketsWithin, SocketsFitIntoTheDescriptorsWithWhatTheServerNeedsItself) {
  EXPECT_EQ(socketsWithin(20'000), 20'000u - 32 - 1024);
  EXPECT_EQ(socketsWithin(1024), (1024u - 32) / 3);
  EXPECT_EQ(socketsWithin(10), 0u);
  for (std::size_t files = 100; files < 3000; files++)
    ASSERT_LE(socketsWithin(files), socketsWithin(files + 1)) << files;
}

constexpr const char* kTokenVariable = "TURNOUT_SERVE_TOKEN";

Result<Secret> serveToken(const std::optional<std::string>& file) {
  return givenSecret("token", file, kTokenVariable);
}

class GivenSecret : public testing::Test {
 protected:
  GivenSecret() : directory_(*TempDir::create("token")) { ::unsetenv(kTokenVariable); }
  ~GivenSecret() override { ::unsetenv(kTokenVariable); }
  std::string file(const std::string& text, std::filesystem::perms perms) {
    const std::string path = directory_.file("token");
    std::ofstream(path) << text;
    std::filesystem::permissions(path, perms);
    return path;
  }
  static constexpr auto kOwner =
      std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;

  TempDir directory_;
};

TEST_F(GivenSecret, IsTheFirstLineOfTheFile) {
  const auto token = serveToken(file("open sesame\nnot this\n", kOwner));
  ASSERT_TRUE(token) << token.error().what;
  EXPECT_EQ(token->reveal(), "open sesame");
}

TEST_F(GivenSecret, ComesFromTheEnvironmentToo) {
  ::setenv(kTokenVariable, "open sesame", 1);
  EXPECT_EQ(serveToken({})->reveal(), "open sesame");
  EXPECT_FALSE(serveToken(file("x", kOwner))) << "both are given";
}

TEST_F(GivenSecret, IsEmptyWhenNobodySetsOne) {
  EXPECT_TRUE(serveToken({})->empty());
}

TEST_F(GivenSecret, ThatCannotBeUsedIsRefusedWithoutBeingShown) {
  for (const std::string& text : {std::string(), std::string("\nsecond line"),
                                  std::string(1025, 'x'), std::string("ab\xff")}) {
    const auto token = serveToken(file(text, kOwner));
    ASSERT_FALSE(token) << text;
    EXPECT_EQ(token.error().code, ErrorCode::kUsage);
    EXPECT_THAT(token.error().what, testing::Not(testing::HasSubstr("second line")));
  }
  EXPECT_FALSE(serveToken(directory_.file("missing")));
}

TEST_F(GivenSecret, AFileThatEveryUserMayReadIsWarnedOf) {
  testing::internal::CaptureStderr();
  EXPECT_TRUE(serveToken(file("open sesame", kOwner)));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  testing::internal::CaptureStderr();
  EXPECT_TRUE(serveToken(file("open sesame", kOwner | std::filesystem::perms::others_read)));
  const auto warning = testing::internal::GetCapturedStderr();
  EXPECT_THAT(warning, testing::HasSubstr("chmod 600"));
  EXPECT_THAT(warning, testing::Not(testing::HasSubstr("sesame")));
}

}  // namespace
}  // namespace turnout
