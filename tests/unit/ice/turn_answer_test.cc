
#include "pipelines/ice/hooks/packet_gate.h"

#include <vector>

#include <gtest/gtest.h>

namespace turnout {
namespace {

using Packet = std::vector<std::uint8_t>;

// An error response to `method` (RFC 8489 5) that begins with another attribute of 3 bytes.
Packet errorTo(std::uint8_t method, int code, const std::string& reason) {
  Packet packet{0x01, static_cast<std::uint8_t>(0x10 | method), 0, 0, 0x21, 0x12, 0xA4, 0x42};
  packet.resize(20);
  for (const int byte : {0x80, 0x22, 0, 3, 0x61, 0x62, 0x63, 0})
    packet.push_back(static_cast<std::uint8_t>(byte));
  const auto size = static_cast<std::uint8_t>(4 + reason.size());
  for (const int byte : {0, 9, 0, int{size}, 0, 0, code / 100, code % 100})
    packet.push_back(static_cast<std::uint8_t>(byte));
  packet.insert(packet.end(), reason.begin(), reason.end());
  return packet;
}

constexpr std::uint8_t kAllocate = 3, kRefresh = 4, kCreatePermission = 8, kChannelBind = 9;

Packet successOf(std::uint8_t method) {
  Packet packet{0x01, method, 0, 0, 0x21, 0x12, 0xA4, 0x42};
  packet.resize(20);
  return packet;
}

TEST(TurnAnswer, IsReadWithItsStageCodeAndReason) {
  const auto answer = turnAnswer(errorTo(kCreatePermission, 403, "Forbidden IP"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->stage, ServerStage::kPermission);
  EXPECT_EQ(answer->error_code, 403);
  EXPECT_EQ(answer->reason, "Forbidden IP");
  EXPECT_FALSE(answer->isRetried());
  EXPECT_EQ(turnAnswer(errorTo(kChannelBind, 400, ""))->stage, ServerStage::kChannel);
  EXPECT_EQ(turnAnswer(successOf(kRefresh))->error_code, 0);
}

TEST(TurnAnswer, IsNotWhatAnswersAnotherRequest) {
  EXPECT_TRUE(turnAnswer(errorTo(kCreatePermission, 401, ""))->isRetried());
  EXPECT_TRUE(turnAnswer(errorTo(kRefresh, 438, "Stale Nonce"))->isRetried());
  EXPECT_FALSE(turnAnswer(errorTo(kAllocate, 403, "Forbidden")));
  EXPECT_FALSE(turnAnswer(successOf(kAllocate)));
  EXPECT_FALSE(turnAnswer({}));
}

TEST(TurnAnswer, OfAPacketThatIsCutOffIsWhatIsThere) {
  const Packet whole = errorTo(kCreatePermission, 403, "Forbidden IP");
  for (std::size_t size = 0; size <= whole.size(); size++) {
    const auto answer = turnAnswer({whole.data(), size});
    EXPECT_EQ(answer.has_value(), size >= whole.size() - 12) << size;
    if (answer) {
      EXPECT_EQ(answer->reason, std::string("Forbidden IP").substr(0, size + 12 - whole.size()));
    }
  }
}

TEST(PacketGate, TellsTheFirstRefusedPermissionOnly) {
  std::vector<int> codes;
  PacketGate gate(1, [&](const TurnAnswer& refusal) { codes.push_back(refusal.error_code); });
  const Packet refusal = errorTo(kCreatePermission, 403, "Forbidden IP");
  gate.drops(PacketGate::Way::kOut, refusal, PacketGate::Carrier::kDatagram);
  EXPECT_TRUE(codes.empty());
  for (const auto carrier : {PacketGate::Carrier::kDatagram, PacketGate::Carrier::kStream})
    gate.drops(PacketGate::Way::kIn, refusal, carrier);
  EXPECT_EQ(codes, std::vector{403});
}

// libnice would ask again with each new nonce, for ever.
TEST(PacketGate, EndsARowOfStaleNoncesAndTellsIt) {
  std::vector<int> codes;
  PacketGate gate(1, [&](const TurnAnswer& refusal) { codes.push_back(refusal.error_code); });
  const auto takes = [&gate](const Packet& packet) {
    return gate.drops(PacketGate::Way::kIn, packet, PacketGate::Carrier::kDatagram);
  };
  const Packet stale = errorTo(kCreatePermission, 438, "Stale Nonce");
  for (int i = 0; i < 8; i++)
    EXPECT_FALSE(takes(stale)) << i;
  EXPECT_FALSE(takes(successOf(kCreatePermission)));  // a new row
  for (int i = 0; i < 8; i++)
    EXPECT_FALSE(takes(stale)) << i;
  EXPECT_TRUE(codes.empty());
  EXPECT_TRUE(takes(stale));
  EXPECT_TRUE(takes(stale));
  EXPECT_EQ(codes, std::vector{438});
}

}  // namespace
}  // namespace turnout
