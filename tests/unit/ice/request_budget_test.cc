#include "pipelines/ice/hooks/request_budget.h"

#include <array>

#include <gtest/gtest.h>

namespace turnout {
namespace {

constexpr Instant kStart{std::chrono::seconds(1000)};
const std::vector<std::pair<std::string, int>> kOneRelay{{"a:3478", RequestBudget::kOfRelay}};

TEST(RequestBudget, LetsEverybodyGoWithoutALimit) {
  RequestBudget budget;
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(budget.reserve(kOneRelay, kStart), Duration::zero());
}

TEST(RequestBudget, SpreadsWhatIsOverTheLimit) {
  RequestBudget budget(80);  // ten relays a second
  Duration last{};
  for (int i = 0; i < 50; ++i)
    last = budget.reserve(kOneRelay, kStart);
  EXPECT_EQ(last, 4800ms) << "49 before it, and a tenth of a second that goes at once";
  EXPECT_EQ(budget.reserve(kOneRelay, kStart + 60s), Duration::zero()) << "all of it is over";
}

TEST(RequestBudget, ServersDoNotWaitForEachOther) {
  RequestBudget budget(80);
  for (int i = 0; i < 10; ++i)
    budget.reserve(kOneRelay, kStart);
  EXPECT_EQ(budget.reserve({{"b:3478", RequestBudget::kOfRelay}}, kStart), Duration::zero());
  EXPECT_EQ(budget.reserve({{"a:3478", RequestBudget::kOfRelay}, {"b:3478", 1}}, kStart), 900ms)
      << "who asks both begins when both let it";
}

TEST(RequestBudget, TellsRequestsByServerAndSecond) {
  RequestBudget budget(8);
  budget.know("192.0.2.1:3478", "a:3478");
  budget.countTo("192.0.2.1:3478", kStart);
  budget.countTo("192.0.2.1:3478", kStart + 999ms);
  budget.countTo("192.0.2.9:40000", kStart);  // a peer
  budget.count("b:5349", kStart + 1s);
  budget.reserve(kOneRelay, kStart + 1s);
  budget.reserve(kOneRelay, kStart + 1s);
  const auto told = budget.take();
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0].server, "a:3478");
  EXPECT_EQ(told[0].second, 1000);
  EXPECT_EQ(told[0].requests, 2);
  EXPECT_EQ(told[1].second, 1001);
  EXPECT_EQ(told[1].waited, 1);
  EXPECT_EQ(told[1].longest_wait_ms, 900);
  EXPECT_EQ(told[2].server, "b:5349");
  EXPECT_EQ(told[2].requests, 1);
  EXPECT_TRUE(budget.take().empty());
}

TEST(StunRequest, IsTheRequestClassWithTheMagicCookie) {
  std::vector<std::uint8_t> packet(20);
  const auto is_one = [&packet](std::uint8_t high, std::uint8_t low) {
    packet[0] = high;
    packet[1] = low;
    return isStunRequest(packet);
  };
  EXPECT_FALSE(is_one(0x00, 0x03)) << "no cookie";
  packet[4] = 0x21, packet[5] = 0x12, packet[6] = 0xa4, packet[7] = 0x42;
  for (const std::uint8_t method : std::array<std::uint8_t, 5>{0x01, 0x03, 0x04, 0x08, 0x09})
    EXPECT_TRUE(is_one(0x00, method));
  EXPECT_FALSE(is_one(0x00, 0x16)) << "a Send indication";
  EXPECT_FALSE(is_one(0x01, 0x01)) << "a success";
  EXPECT_FALSE(is_one(0x01, 0x13)) << "an error";
  EXPECT_FALSE(is_one(0x40, 0x00)) << "ChannelData";
  packet.resize(19);
  EXPECT_FALSE(is_one(0x00, 0x03));
}

}  // namespace
}  // namespace turnout
