#include "orchestrator/run/local_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Scenario withServers(const std::vector<std::string>& urls) {
  ScenarioServer server;
  server.urls = urls;
  Scenario scenario;
  scenario.turn = {TurnArm{"direct", false, {}}, TurnArm{"arm", false, {server}}};
  return scenario;
}

std::vector<std::string> addressesFor(const std::vector<std::string>& urls,
                                      const std::string& signaling = "", int guests = 0) {
  Scenario scenario = withServers(urls);
  scenario.signaling.url = signaling;
  scenario.shape.guests = guests;
  return localAddressesFor(scenario, true);
}

TEST(LocalAddresses, AreLoopbackWhenEveryServerIsOnThisMachine) {
  EXPECT_THAT(addressesFor({"turn:{coturn}", "stun:127.0.0.1:3478", "turn:localhost"}),
              ElementsAre("127.0.0.1"));
}

TEST(LocalAddresses, AreThoseOfIpv6LoopbackTooWhereAnythingIsNamedSo) {
  EXPECT_THAT(addressesFor({"turn:[::1]:3478"}), ElementsAre("127.0.0.1", "::1"));
  EXPECT_THAT(addressesFor({}, "http://[::1]:3000"), ElementsAre("127.0.0.1", "::1"));
}

TEST(LocalAddresses, FollowTheSignalingServer) {
  for (const char* here : {"http://127.0.0.1:3000", "http://localhost", "ws://localhost:3000/ws"})
    EXPECT_THAT(addressesFor({}, here), ElementsAre("127.0.0.1")) << here;
  for (const char* elsewhere :
       {"https://app.example", "http://192.0.2.1:3000", "ws://[2001:db8::1]"})
    EXPECT_THAT(addressesFor({}, elsewhere), IsEmpty()) << elsewhere;
}

// A browser with default settings has no candidate of 127.0.0.1.
TEST(LocalAddresses, AreThoseOfTheMachineForGuests) {
  const auto of_machine = hasAddressBeyondLoopback() ? std::vector<std::string>()
                                                     : std::vector<std::string>{"127.0.0.1", "::1"};
  EXPECT_EQ(addressesFor({}, "http://127.0.0.1:3000", 1), of_machine);
}

TEST(LocalAddresses, AreAllInterfacesWhenAFetchedServerIsElsewhere) {
  EXPECT_THAT(localAddressesFor(withServers({}), false), IsEmpty());
}

TEST(LocalAddresses, AreWhatTheScenarioSays) {
  Scenario scenario = withServers({"turn:turn.example.org"});
  scenario.local_addresses = {"127.0.0.1"};
  EXPECT_THAT(localAddressesFor(scenario, true), ElementsAre("127.0.0.1"));
  scenario = withServers({});
  scenario.local_addresses = {kAllAddresses};
  EXPECT_THAT(localAddressesFor(scenario, true), IsEmpty());
  EXPECT_EQ(addressesText({}), "all");
  EXPECT_EQ(addressesText({"127.0.0.1", "::1"}), "127.0.0.1, ::1");
}

TEST(LocalAddresses, AreAllInterfacesWhenAnyServerIsElsewhere) {
  EXPECT_THAT(addressesFor({"turn:{coturn}", "turn:turn.example.org"}), IsEmpty());
}

}  // namespace
}  // namespace turnout
