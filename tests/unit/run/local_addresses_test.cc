#include "orchestrator/run/run_controller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> addressesFor(const std::vector<std::string>& urls) {
  ScenarioServer server;
  server.urls = urls;
  Scenario scenario;
  scenario.turn = {TurnArm{"direct", false, {}}, TurnArm{"arm", false, {server}}};
  return localAddressesFor(scenario);
}

TEST(LocalAddresses, AreLoopbackWhenEveryServerIsOnThisMachine) {
  EXPECT_THAT(addressesFor({"turn:{coturn}", "stun:127.0.0.1:3478", "turn:localhost"}),
              ElementsAre("127.0.0.1"));
}

TEST(LocalAddresses, AreAllInterfacesWhenAnyServerIsElsewhere) {
  EXPECT_THAT(addressesFor({"turn:{coturn}", "turn:turn.example.org"}), IsEmpty());
}

}  // namespace
}  // namespace turnout
