#include "orchestrator/ice_servers/read/server_check.h"

#include "orchestrator/ice_servers/read/resolved_servers.h"

#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

ServerEntry entry(const std::string& url, const std::string& user = "u",
                  const std::string& password = "hunter2") {
  return {"place", url, user, Secret(password)};
}

struct CheckRow {
  std::string url, user, password;
  std::size_t kept;
  std::string finding;  // empty: none
};
std::ostream& operator<<(std::ostream& out, const CheckRow& row) {
  return out << row.url;
}

class ServerCheckRow : public testing::TestWithParam<CheckRow> {};

TEST_P(ServerCheckRow, IsKeptOrDroppedWithTheReason) {
  const CheckRow& row = GetParam();
  const auto checked = checkServers({entry(row.url, row.user, row.password)});
  EXPECT_THAT(checked.servers, SizeIs(row.kept));
  ASSERT_THAT(checked.findings, SizeIs(row.finding.empty() ? 0 : 1));
  if (row.finding.empty())
    return;
  const std::string line = findingLine(checked.findings[0]);
  EXPECT_THAT(line, HasSubstr(row.finding));
  EXPECT_THAT(line, Not(HasSubstr("hunter2")));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ServerCheckRow,
    testing::Values(
        CheckRow{"stun:a.example", "", "", 1, ""},
        CheckRow{"stun:[2001:db8::1]:3479", "", "", 1, ""},
        CheckRow{"turn:a.example", "u", "p", 1, ""},
        CheckRow{"turn:192.0.2.1:80?transport=tcp", "u", "p", 1, ""},
        CheckRow{"turns:[::1]:443?transport=tcp", "u", "p", 1, ""},
        CheckRow{"turn:a.example", "u", "", 0,
                 "error: place: turn:a.example has a user name and no credential: browsers refuse"},
        CheckRow{"turn:a.example", "", "hunter2", 0,
                 "error: place: turn:a.example has a credential"},
        CheckRow{"turn:a.example", "", "", 0,
                 "error: place: turn:a.example is a TURN server without"},
        CheckRow{"turn:a.example:999", "u", "p", 1, "warning: place: turn:a.example:999: browsers"},
        CheckRow{"turn:a.example:53", "u", "p", 1, ""},
        CheckRow{"stun:a.example:53", "", "", 1, ""},
        CheckRow{"turn:a.example:0", "u", "p", 0, "not a number in 1..65535"},
        CheckRow{"turn:a.example:65536", "u", "p", 0, "not a number in 1..65535"},
        CheckRow{"turn:2001:db8::1", "u", "p", 0, "needs brackets"},
        CheckRow{"turn:[2001:db8::1", "u", "p", 0, "not closed"},
        CheckRow{"turn:a.example?transport=tls", "u", "p", 0, "for TLS write turns:"},
        CheckRow{"turns:a.example?transport=udp", "u", "p", 1, ""},
        CheckRow{" TURN:a.example\n", "u", "p", 1, ""},
        CheckRow{
            "stun:a.example?transport=udp", "", "", 0,
            "error: place: server URL stun:a.example?transport=udp: stun: takes no parameters: "
            "browsers refuse the whole list"},
        CheckRow{"stuns:a.example", "", "", 1, ""},
        CheckRow{"turn:a..example", "u", "p", 0,
                 "warning: place: dropped: server URL turn:a..example"},
        CheckRow{"turn:a.example", std::string(509, 'u'), "p", 1, ""},
        CheckRow{"turn:a.example", std::string(510, 'u'), "p", 0, "more than 509 bytes"},
        CheckRow{"turn://a.example", "u", "p", 0, "no slashes"},
        CheckRow{"https://a.example", "u", "p", 0, "the scheme is not"},
        CheckRow{"turn:u:hunter2@a.example", "u", "p", 0, "do not belong into the URL"},
        CheckRow{"a.example:3478", "u", "p", 0, "the scheme is not"},
        CheckRow{"", "u", "p", 0, "scheme"}));

TEST(ServerCheck, TellsAllFindingsAtOnceAndKeepsTheOrder) {
  const auto checked = checkServers(
      {entry("turns:b"), entry("turn:"), entry("stun:a"), entry("turn:x:0"), entry("turn:c")});
  EXPECT_THAT(checked.servers, ElementsAre(testing::Field(&IceServer::url, "turns:b"),
                                           testing::Field(&IceServer::url, "stun:a"),
                                           testing::Field(&IceServer::url, "turn:c")));
  EXPECT_THAT(checked.findings, SizeIs(2));
}

TEST(ServerCheck, TheSameServerTwiceCountsOnce) {
  const auto checked = checkServers({entry("turn:a"), entry("turn:a:3478?transport=udp")});
  EXPECT_THAT(checked.servers, SizeIs(1));
  EXPECT_THAT(checked.findings, SizeIs(1));
}

TEST(ServerCheck, TheSameServerForAnotherUserIsAnother) {
  EXPECT_THAT(checkServers({entry("turn:a", "u"), entry("turn:a", "v")}).servers, SizeIs(2));
}

TEST(PublicServers, AreAllUsableAndHaveStunAndTurn) {
  const auto checked = checkServers(publicServers());
  EXPECT_THAT(checked.findings, IsEmpty());
  EXPECT_TRUE(hasTurn(checked.servers));
  EXPECT_EQ(checked.servers.back().scheme, IceScheme::kStun);
}

}  // namespace
}  // namespace turnout
