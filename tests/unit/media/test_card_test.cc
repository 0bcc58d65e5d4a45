#include "pipelines/media/test_card.h"

#include <vector>

#include <gtest/gtest.h>

namespace turnout {
namespace {

constexpr int kWidth = 320;
constexpr int kHeight = 240;

std::vector<std::uint8_t> grey() {
  return std::vector<std::uint8_t>(kWidth * kHeight, 128);
}

TEST(FrameCounter, EveryValueIsReadBack) {
  auto picture = grey();
  for (unsigned value = 0; value < 65'536; value += 7) {
    drawFrameCounter(picture.data(), kWidth, kWidth, value);
    ASSERT_EQ(readFrameCounter(picture.data(), kWidth, kWidth, kHeight), value);
  }
}

TEST(FrameCounter, APictureWithoutOneHasNone) {
  const auto picture = grey();
  EXPECT_EQ(readFrameCounter(picture.data(), kWidth, kWidth, kHeight), std::nullopt);
}

TEST(FrameCounter, ASpoiltBitIsNoticed) {
  constexpr int kCell = kWidth / kFrameCounterCells;
  for (int cell = 2; cell < 22; cell++) {
    auto picture = grey();
    drawFrameCounter(picture.data(), kWidth, kWidth, 0x1234);
    for (int y = 0; y < kCell; y++)
      for (int x = cell * kCell; x < (cell + 1) * kCell; x++) {
        std::uint8_t& luma = picture[static_cast<std::size_t>(y * kWidth + x)];
        luma = static_cast<std::uint8_t>(251 - luma);
      }
    EXPECT_EQ(readFrameCounter(picture.data(), kWidth, kWidth, kHeight), std::nullopt) << cell;
  }
}

TEST(FrameCounter, AGreyCellIsNotGuessed) {
  auto picture = grey();
  drawFrameCounter(picture.data(), kWidth, kWidth, 1);
  for (int y = 0; y < 13; y++)
    for (int x = 5 * 13; x < 6 * 13; x++)
      picture[static_cast<std::size_t>(y * kWidth + x)] = 126;
  EXPECT_EQ(readFrameCounter(picture.data(), kWidth, kWidth, kHeight), std::nullopt);
}

TEST(FrameCounter, TooSmallAPictureIsRefused) {
  const auto picture = grey();
  EXPECT_EQ(readFrameCounter(picture.data(), kWidth, kFrameCounterMinWidth_px - 1, kHeight),
            std::nullopt);
  EXPECT_EQ(readFrameCounter(picture.data(), kWidth, kWidth, 5), std::nullopt);
}

TEST(TestPicture, CarriesItsNumberAndMoves) {
  const auto first = drawTestPicture({kWidth, kHeight}, 3, 60);
  const auto second = drawTestPicture({kWidth, kHeight}, 18, 60);
  EXPECT_EQ(first.size(), kWidth * kHeight * 3u / 2);
  EXPECT_EQ(readFrameCounter(first.data(), kWidth, kWidth, kHeight), 3u);
  EXPECT_EQ(readFrameCounter(second.data(), kWidth, kWidth, kHeight), 18u);
  EXPECT_EQ(first, drawTestPicture({kWidth, kHeight}, 3, 60)) << "same arguments, same bytes";
  const auto centre_of_ball_3 = static_cast<std::size_t>(kWidth * 146 + 173);
  EXPECT_GT(first[centre_of_ball_3], 200);
  EXPECT_LT(second[centre_of_ball_3], 130) << "the ball has moved on";
}

}  // namespace
}  // namespace turnout
