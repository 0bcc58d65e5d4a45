#include "orchestrator/ice_servers/read/resolved_servers.h"
#include "orchestrator/ice_servers/read/server_check.h"
#include "pipelines/base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;
using testing::Not;

ResolvedServers twoServers() {
  const auto checked =
      checkServers({{"x", "turn:a.example?transport=tcp", "alice", Secret("hunter2")},
                    {"x", "stun:b.example", "", {}}});
  return {checked.servers, "here", {{Severity::kWarning, "x", "careful"}}};
}

TEST(ServerListText, ShowsServersInOrderAndNoCredential) {
  EXPECT_EQ(serverListText(twoServers()),
            "From here\n  turn:a.example?transport=tcp  alice / ***\n  stun:b.example\n");
}

TEST(ServerListJson, IsRtcIceServersWithMaskedCredentials) {
  const std::string text = serverListJson(twoServers());
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  const auto json = JsonValue::parse(text);
  ASSERT_TRUE(json);
  const auto servers = json->get("ice_servers").elements();
  ASSERT_EQ(servers.size(), 2u);
  EXPECT_EQ(servers[0].stringOr("urls", ""), "turn:a.example?transport=tcp");
  EXPECT_EQ(servers[0].stringOr("credential", ""), "***");
  EXPECT_EQ(servers[0].stringOr("transport", ""), "tcp");
  EXPECT_FALSE(servers[1].get("credential").isPresent());
  EXPECT_EQ(json->get("findings").elements()[0].stringOr("severity", ""), "warning");
}

}  // namespace
}  // namespace turnout
