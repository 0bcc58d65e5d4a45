// What became of each configured server, against real and missing ones.
#include "pipelines/ice/allocate_hook.h"
#include "tests/support/coturn.h"
#include "tests/support/webrtc_pair.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(AllocateHook, IsInForceInThisExecutable) {
  const auto hook = checkAllocateHook();
  EXPECT_TRUE(hook) << hook.error().what;
}

}  // namespace
}  // namespace turnout
