#include "pipelines/media/gst.h"

#include "pipelines/media/clip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using ::testing::HasSubstr;

TEST(GstRuntime, MissingElementsAreNamedWithTheirPackagesAndTheCommand) {
  ASSERT_TRUE(startGst());
  const auto have = requireElements({{"no-such-element", "gstreamer1.0-plugins-none"},
                                     {"appsrc", "gstreamer1.0-plugins-base"},
                                     {"nor-this-one", "gstreamer1.0-other"}});
  ASSERT_FALSE(have);
  EXPECT_EQ(have.error().code, ErrorCode::kEnvironment);
  EXPECT_THAT(have.error().what, HasSubstr("no-such-element (package gstreamer1.0-plugins-none)"));
  EXPECT_THAT(have.error().what, HasSubstr("nor-this-one (package gstreamer1.0-other)"));
  EXPECT_THAT(have.error().what,
              HasSubstr("apt-get install gstreamer1.0-other gstreamer1.0-plugins-none"));
  EXPECT_THAT(have.error().what, ::testing::Not(HasSubstr("appsrc")));
}

TEST(GstRuntime, InstalledElementsAreFound) {
  ASSERT_TRUE(startGst());
  EXPECT_TRUE(requireElements(clipElements()));
}

}  // namespace
}  // namespace turnout
