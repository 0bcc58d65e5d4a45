#include "pipelines/ice/hooks/packet_gate.h"

#include <vector>

#include <gtest/gtest.h>

namespace turnout {
namespace {

using Way = PacketGate::Way;
using Carrier = PacketGate::Carrier;
using Packet = std::vector<std::uint8_t>;

const Packet kRtpPacket{0x80, 96, 0, 1, 0}, kRtcp{0x81, 200, 0, 6, 0};
const Packet kStunPacket{0x00, 0x01, 0, 0, 0x21}, kDtlsPacket{22, 0xfe, 0xfd, 0, 0};
const Packet kRelayedRtp{0x40, 0x00, 0, 100, 0x80}, kRelayedStun{0x40, 0x00, 0, 20, 0x01};

NetworkCondition losing(double percent, PacketLoss::Of of, std::uint64_t seed = 1) {
  const LinkCondition link{false, {percent, of}};
  return {link, link, seed};
}

std::vector<bool> fates(PacketGate& gate, Way way, int packets) {
  std::vector<bool> taken;
  for (int i = 0; i < packets; ++i)
    taken.push_back(gate.drops(way, kRtpPacket, Carrier::kDatagram));
  return taken;
}

TEST(MediaPacket, IsRtpOrRtcpRelayedOrNot) {
  for (const Packet& media : {kRtpPacket, kRtcp, kRelayedRtp})
    EXPECT_TRUE(isMediaPacket(media));
  for (const Packet& other :
       {kStunPacket, kDtlsPacket, kRelayedStun, Packet{}, Packet{0x40, 0, 0, 0}})
    EXPECT_FALSE(isMediaPacket(other));
}

TEST(PacketGate, LetsEverythingThroughAtFirstAndAgain) {
  PacketGate gate(0);
  EXPECT_FALSE(gate.drops(Way::kOut, kRtpPacket, Carrier::kDatagram));
  gate.set(NetworkCondition::blackHole());
  EXPECT_TRUE(gate.drops(Way::kOut, kRtpPacket, Carrier::kDatagram));
  gate.set({});
  EXPECT_FALSE(gate.drops(Way::kOut, kRtpPacket, Carrier::kDatagram));
}

TEST(PacketGate, TakesEveryPacketOfAHoleInItsDirectionOnly) {
  PacketGate gate(0);
  gate.set({.outgoing = {true, {}}, .incoming = {}, .seed = 1});
  EXPECT_TRUE(gate.isClosed(Way::kOut));
  EXPECT_FALSE(gate.isClosed(Way::kIn));
  for (const Packet& packet :
       {kRtpPacket, kRtcp, kStunPacket, kDtlsPacket, kRelayedRtp, kRelayedStun})
    for (const Carrier carrier : {Carrier::kDatagram, Carrier::kStream}) {
      EXPECT_TRUE(gate.drops(Way::kOut, packet, carrier));
      EXPECT_FALSE(gate.drops(Way::kIn, packet, carrier));
    }
}

TEST(PacketGate, StaysClosedForEver) {
  PacketGate gate(0);
  gate.closeForEver();
  gate.set({});
  EXPECT_TRUE(gate.drops(Way::kOut, kStunPacket, Carrier::kStream));
  EXPECT_TRUE(gate.drops(Way::kIn, kRtpPacket, Carrier::kDatagram));
}

TEST(PacketGate, LosesMediaOnlyWhenToldSo) {
  PacketGate gate(0);
  gate.set(losing(100, PacketLoss::Of::kMedia));
  EXPECT_TRUE(gate.drops(Way::kOut, kRelayedRtp, Carrier::kDatagram));
  EXPECT_FALSE(gate.drops(Way::kOut, kStunPacket, Carrier::kDatagram));
  EXPECT_FALSE(gate.drops(Way::kOut, kDtlsPacket, Carrier::kDatagram));
}

TEST(PacketGate, LosesNothingOfAStreamThatTcpWouldRepeat) {
  PacketGate gate(0);
  gate.set(losing(100, PacketLoss::Of::kEverything));
  EXPECT_TRUE(gate.drops(Way::kIn, kStunPacket, Carrier::kDatagram));
  EXPECT_FALSE(gate.drops(Way::kIn, kStunPacket, Carrier::kStream));
  EXPECT_TRUE(gate.drops(Way::kIn, kRelayedRtp, Carrier::kStream));
}

TEST(PacketGate, LosesAsManyAsAskedFor) {
  PacketGate gate(0);
  gate.set(losing(20, PacketLoss::Of::kMedia));
  int lost = 0;
  for (const bool taken : fates(gate, Way::kOut, 10'000))
    lost += taken;
  EXPECT_NEAR(lost, 2'000, 160);  // four sigma
}

TEST(PacketGate, DecidesTheSameWithTheSameSeed) {
  PacketGate gate(3), twin(3), sibling(4);
  for (PacketGate* each : {&gate, &twin, &sibling})
    each->set(losing(50, PacketLoss::Of::kMedia, 9));
  const auto outgoing = fates(gate, Way::kOut, 100);
  const auto incoming = fates(gate, Way::kIn, 100);
  EXPECT_EQ(fates(twin, Way::kIn, 100), incoming);  // whatever the other direction does
  EXPECT_EQ(fates(twin, Way::kOut, 100), outgoing);
  EXPECT_NE(outgoing, incoming);
  EXPECT_NE(fates(sibling, Way::kOut, 100), outgoing);
  gate.set(losing(50, PacketLoss::Of::kMedia, 9));
  EXPECT_EQ(fates(gate, Way::kOut, 100), outgoing);
  gate.set(losing(50, PacketLoss::Of::kMedia, 10));
  EXPECT_NE(fates(gate, Way::kOut, 100), outgoing);
}

}  // namespace
}  // namespace turnout
