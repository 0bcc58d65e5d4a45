#include "pipelines/ice/hooks/permission_refusal.h"

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

constexpr std::uint8_t kAllocate = 3, kCreatePermission = 8;

TEST(PermissionRefusal, IsReadWithItsCodeAndReason) {
  const auto refusal = permissionRefusal(errorTo(kCreatePermission, 403, "Forbidden IP"));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->error_code, 403);
  EXPECT_EQ(refusal->reason, "Forbidden IP");
}

TEST(PermissionRefusal, IsNotWhatIsTriedAgainNorWhatAnswersAnotherRequest) {
  EXPECT_FALSE(permissionRefusal(errorTo(kCreatePermission, 401, "")));
  EXPECT_FALSE(permissionRefusal(errorTo(kCreatePermission, 438, "Stale Nonce")));
  EXPECT_FALSE(permissionRefusal(errorTo(kAllocate, 403, "Forbidden")));
  EXPECT_FALSE(permissionRefusal({}));
}

TEST(PermissionRefusal, OfAPacketThatIsCutOffIsWhatIsThere) {
  const Packet whole = errorTo(kCreatePermission, 403, "Forbidden IP");
  for (std::size_t size = 0; size <= whole.size(); size++) {
    const auto refusal = permissionRefusal({whole.data(), size});
    EXPECT_EQ(refusal.has_value(), size >= whole.size() - 12) << size;
    if (refusal) {
      EXPECT_EQ(refusal->reason, std::string("Forbidden IP").substr(0, size + 12 - whole.size()));
    }
  }
}

TEST(PacketGate, TellsTheFirstRefusedPermissionOnly) {
  std::vector<int> codes;
  PacketGate gate(1,
                  [&](const PermissionRefusal& refusal) { codes.push_back(refusal.error_code); });
  const Packet refusal = errorTo(kCreatePermission, 403, "Forbidden IP");
  gate.takes(PacketGate::Way::kOut, refusal, PacketGate::Carrier::kDatagram);
  EXPECT_TRUE(codes.empty());
  for (const auto carrier : {PacketGate::Carrier::kDatagram, PacketGate::Carrier::kStream})
    gate.takes(PacketGate::Way::kIn, refusal, carrier);
  EXPECT_EQ(codes, std::vector{403});
}

}  // namespace
}  // namespace turnout
