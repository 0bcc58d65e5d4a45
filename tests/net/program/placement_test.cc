// The bots of a call in one process, or each in another: the results are the same.
#include "tests/net/program/turnout_program.h"

#include <fstream>
#include <map>
#include <set>
#include <string>

#include <gmock/gmock.h>

namespace turnout::test {
namespace {

using testing::IsEmpty;

// What became of the calls, from their events: a busy machine changes no part of it.
struct Played {
  std::map<int, std::set<int>> hosts;            // by call
  std::map<int, std::set<std::string>> results;  // by call: what each bot came to
  std::set<std::string> seen_leaving;            // what bots saw of the others' leaving at the end
};

class PlacedCalls : public TurnoutProgram {
 protected:
  // Two arms, direct and through a TURN server, `more` on top.
  Played play(const std::string& placement, const std::string& more) {
    const std::string out = path(placement);
    const std::string text = R"({"name": "placed",
        "calls": {"kind": "call", "per_arm": 4, "hold_ms": 700, "placement": ")" +
                             placement +
                             R"("}, "arrival": {"spacing_ms": 250, "shape": "even"},
        "deadlines": {"join_ms": 30000, "connect_ms": 30000, "first_media_ms": 30000,
                      "leave_ms": 30000},
        "turn": [{"name": "direct"}, {"name": "turn-udp", "policy": "relay",
                  "ice_servers": [{"urls": "turn:{coturn}?transport=udp"}]}])" +
                             more + "}";
    Played played;
    run({"run", write(placement + ".json", text), "--out", out});
    std::ifstream lines(out + "/events.jsonl");
    for (std::string line; std::getline(lines, line);) {
      const auto event = parseEventLine(line);
      EXPECT_TRUE(event) << line;
      if (event)
        note(*event, played);
    }
    return played;
  }

  static void note(const Event& event, Played& played) {
    const auto came = [&](const std::string& what) {
      played.results[event.call].insert("bot " + std::to_string(event.bot) + " " + what);
    };
    if (const auto* assigned = std::get_if<CallAssigned>(&event.body))
      played.hosts[event.call].insert(assigned->host);
    else if (const auto* pair = std::get_if<PairSelected>(&event.body))
      came("over " + std::string(pair->local.type == CandidateType::kRelay ? "relay" : "host"));
    else if (std::holds_alternative<LinkConnected>(event.body))
      came("connected, round " + std::to_string(event.round));
    else if (const auto* left = std::get_if<BotLeft>(&event.body))
      came(left->clean ? "left" : "left without an answer");
    else if (const auto* resumed = std::get_if<SessionResumed>(&event.body))
      came(resumed->resumed ? "resumed" : "came anew");
    else if (const auto* gone = std::get_if<PartnerLeft>(&event.body))
      played.seen_leaving.insert("partner left: " + gone->reason);
    else if (const auto* failed = std::get_if<LinkFailed>(&event.body))
      played.seen_leaving.insert("link failed: " + failed->detail);
  }

  static std::set<std::size_t> hostsPerCall(const Played& played) {
    std::set<std::size_t> counts;
    for (const auto& [call, hosts] : played.hosts)
      counts.insert(hosts.size());
    return counts;
  }
};

TEST_F(PlacedCalls, ApartOrTogetherEndAlikeAndNoEndSeesTheOtherLeave) {
  const Played together = play("together", "");
  const Played apart = play("apart", "");
  EXPECT_EQ(hostsPerCall(together), std::set<std::size_t>{1});
  EXPECT_EQ(hostsPerCall(apart), std::set<std::size_t>{2});
  EXPECT_EQ(apart.results.size(), 8u) << output_;
  EXPECT_EQ(apart.results, together.results);
  EXPECT_THAT(apart.seen_leaving, IsEmpty());
  EXPECT_THAT(together.seen_leaving, IsEmpty());
}

TEST_F(PlacedCalls, ARefreshIsWeatheredAlike) {
  const std::string refresh =
      R"(, "steps": [{"do": "refresh", "bot": 1, "delay_ms": 500, "away_ms": 300}])";
  const Played together = play("together", refresh);
  const Played apart = play("apart", refresh);
  EXPECT_EQ(hostsPerCall(apart), std::set<std::size_t>{2});
  EXPECT_EQ(apart.results.size(), 8u) << output_;
  EXPECT_EQ(apart.results, together.results);
  EXPECT_EQ(apart.seen_leaving, together.seen_leaving);
}

}  // namespace
}  // namespace turnout::test
