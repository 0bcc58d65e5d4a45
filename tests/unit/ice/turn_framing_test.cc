#include "pipelines/stun/stun_message.h"

#include <vector>

#include <gtest/gtest.h>

namespace turnout {
namespace {

std::optional<std::size_t> sizeOf(std::vector<std::uint8_t> stream) {
  return turnMessageSize(stream);
}

TEST(TurnMessage, OfStunIsHeaderAndLength) {
  EXPECT_EQ(sizeOf({0x00, 0x03, 0, 0}), 20u);
  EXPECT_EQ(sizeOf({0x01, 0x13, 0x01, 0x04, 0x21, 0x12}), 280u);
}

TEST(TurnMessage, OfChannelDataIsPaddedToFourBytes) {
  EXPECT_EQ(sizeOf({0x40, 0x00, 0, 0}), 4u);
  EXPECT_EQ(sizeOf({0x40, 0x00, 0, 1}), 8u);
  EXPECT_EQ(sizeOf({0x4f, 0xff, 0, 4, 0x80}), 8u);
  EXPECT_EQ(sizeOf({0x40, 0x00, 0xff, 0xff}), 65'540u);
}

TEST(TurnMessage, NeedsFourBytesToTell) {
  EXPECT_EQ(sizeOf({}), std::nullopt);
  EXPECT_EQ(sizeOf({0x40, 0x00, 0}), std::nullopt);
}

TEST(TurnMessage, OfSomethingElseIsAllThereIs) {
  EXPECT_EQ(sizeOf({0xff, 1, 2, 3, 4, 5}), 6u);
}

}  // namespace
}  // namespace turnout
