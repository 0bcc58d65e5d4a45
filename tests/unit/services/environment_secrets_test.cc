#include "orchestrator/services/environment_secrets.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;

constexpr const char* kVariable = "TURNOUT_TEST_TURN_PASSWORD";

// One variable, set for as long as this lives.
class SetVariable {
 public:
  explicit SetVariable(const char* value) { ::setenv(kVariable, value, 1); }
  ~SetVariable() { ::unsetenv(kVariable); }
};

Scenario scenarioWith(ScenarioServer server) {
  Scenario scenario;
  scenario.turn.push_back({.name = "ours", .ice_servers = {std::move(server)}});
  return scenario;
}

TEST(EnvironmentSecrets, AreFilledInWhereTheScenarioNamesAVariable) {
  const SetVariable set("from outside");
  ScenarioServer server;
  server.credential_env = server.rest_secret_env = kVariable;
  Scenario scenario = scenarioWith(server);
  ASSERT_TRUE(takeSecretsFromEnvironment(scenario));
  EXPECT_EQ(scenario.turn[0].ice_servers[0].credential.reveal(), "from outside");
  EXPECT_EQ(scenario.turn[0].ice_servers[0].rest_secret.reveal(), "from outside");
}

TEST(EnvironmentSecrets, LeaveWhatTheScenarioGivesItself) {
  const SetVariable set("from outside");
  ScenarioServer server;
  server.credential = Secret("from the file");
  Scenario scenario = scenarioWith(server);
  ASSERT_TRUE(takeSecretsFromEnvironment(scenario));
  EXPECT_EQ(scenario.turn[0].ice_servers[0].credential.reveal(), "from the file");
}

TEST(EnvironmentSecrets, AVariableThatIsNotSetOrEmptyIsNamedWithItsArm) {
  ScenarioServer server;
  server.credential_env = kVariable;
  Scenario scenario = scenarioWith(server);
  const auto unset = takeSecretsFromEnvironment(scenario);
  ASSERT_FALSE(unset);
  EXPECT_EQ(unset.error().code, ErrorCode::kEnvironment);
  EXPECT_THAT(unset.error().what, HasSubstr("TURNOUT_TEST_TURN_PASSWORD is not set"));
  EXPECT_THAT(unset.error().what, HasSubstr("\"ours\""));

  const SetVariable set("");
  const auto empty = takeSecretsFromEnvironment(scenario);
  ASSERT_FALSE(empty);
  EXPECT_THAT(empty.error().what, HasSubstr("is empty"));
}

}  // namespace
}  // namespace turnout
