#include "orchestrator/ice_servers/supply/server_sources.h"

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

TEST(EnvironmentSecrets, OfAProviderAreFilledInAsWell) {
  const SetVariable set("from outside");
  CredentialProvider provider;
  provider.account_env = provider.token_env = provider.url_env = kVariable;
  provider.headers = {{"Authorization", kVariable}};
  ScenarioServer server;
  server.source = provider;
  Scenario scenario = scenarioWith(server);
  ASSERT_TRUE(takeSecretsFromEnvironment(scenario));
  const auto& filled = std::get<CredentialProvider>(*scenario.turn[0].ice_servers[0].source);
  EXPECT_EQ(filled.account, "from outside");
  EXPECT_EQ(filled.token.reveal(), "from outside");
  EXPECT_EQ(filled.url.reveal(), "from outside");
  EXPECT_EQ(filled.headers[0].value.reveal(), "from outside");
}

TEST(EnvironmentSecrets, ATokenFileThatIsNotThereIsNamedWithItsArm) {
  CredentialProvider provider;
  provider.token_file = "/no/such/token";
  ScenarioServer server;
  server.source = provider;
  Scenario scenario = scenarioWith(server);
  const auto taken = takeSecretsFromEnvironment(scenario);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::kEnvironment);
  EXPECT_THAT(taken.error().what, HasSubstr("/no/such/token"));
  EXPECT_THAT(taken.error().what, HasSubstr("\"ours\""));
}

}  // namespace
}  // namespace turnout
