#include "orchestrator/cli/scenario_file.h"
#include "pipelines/base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;
using testing::Not;

JsonValue parsed(const std::string& text) {
  const auto value = JsonValue::parse(text);
  EXPECT_TRUE(value) << value.error().what;
  return value ? *value : JsonValue();
}

TEST(ScenarioText, OverridesReplaceOrAddWhatTheFileSays) {
  const JsonValue json = parsed(withOverrides(
      R"({"name": "x", "seed": 1, "calls": {"bots": 3, "per_arm": 5}})",
      {.seed = 7, .calls_per_arm = 2, .hosts = 4, .profile = "browser", .bugs = {"stale-id"}}));
  EXPECT_EQ(json.stringOr("name", ""), "x");
  EXPECT_EQ(json.integerOr("seed", 0), 7);
  EXPECT_EQ(json.integerOr("hosts", 0), 4);
  EXPECT_EQ(json.stringOr("profile", ""), "browser");
  EXPECT_EQ(json.get("calls").integerOr("per_arm", 0), 2);
  EXPECT_EQ(json.get("calls").integerOr("bots", 0), 3);
  EXPECT_EQ(json.get("session").get("bugs").elements().at(0).asString(), "stale-id");
}

TEST(ScenarioText, LocalAddressesAreAWordOrAList) {
  ScenarioOverrides overrides;
  overrides.local_addresses = {"all"};
  EXPECT_EQ(parsed(withOverrides(R"({"name": "x"})", overrides)).stringOr("local_addresses", ""),
            "all");
  overrides.local_addresses = {"192.0.2.7", "::1"};
  const JsonValue json =
      parsed(withOverrides(R"({"name": "x", "local_addresses": "all"})", overrides));
  EXPECT_EQ(json.get("local_addresses").elements().at(1).asString(), "::1");
}

TEST(ScenarioText, CallsMayBeOverriddenWhereTheFileHasNone) {
  ScenarioOverrides overrides;
  overrides.calls_per_arm = 2;
  const JsonValue json = parsed(withOverrides(R"({"name": "x"})", overrides));
  EXPECT_EQ(json.get("calls").integerOr("per_arm", 0), 2);
  EXPECT_FALSE(json.get("seed").isPresent());
}

TEST(ScenarioText, ItsStoredFormHasNoSecrets) {
  const std::string text = withoutSecrets(R"({"turn": [{"name": "a", "ice_servers": [
      {"urls": "turn:h", "username": "u", "credential": "hunter2"},
      {"urls": "turn:i", "rest": {"secret": "hunter3", "ttl_s": 5}}]}]})");
  EXPECT_THAT(text, Not(HasSubstr("hunter")));
  const auto servers = parsed(text).get("turn").elements().at(0).get("ice_servers").elements();
  EXPECT_EQ(servers.at(0).stringOr("credential", ""), "***");
  EXPECT_EQ(servers.at(0).stringOr("username", ""), "u");
  EXPECT_EQ(servers.at(1).get("rest").integerOr("ttl_s", 0), 5);
}

}  // namespace
}  // namespace turnout
