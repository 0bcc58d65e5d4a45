// Faults of the servers of a run, with real bots, coturn and signaling.
#include "tests/net/program/turnout_program.h"

#include <algorithm>

namespace turnout {
namespace {

constexpr double kOnTimeMs = 20;

constexpr const char* kRestArm =
    R"({"name": "turn-rest", "policy": "relay",
        "ice_servers": [{"urls": "turn:{coturn-rest}?transport=udp"}]})";

class ServiceFaults : public test::TurnoutProgram {
 protected:
  // Two calls that are up within a second, and stay so for two after the last trouble.
  std::string runWith(const std::string& arm, const std::string& more,
                      const std::string& hold_ms = "2000") {
    launchScenario(R"({"name": "faults", "calls": {"per_arm": 2, "hold_ms": )" + hold_ms + R"(},
        "arrival": {"spacing_ms": 100, "shape": "even"},
        "media": {"audio": {"bitrate_bps": 32000}, "video": null},
        "recovery": {"silence_ms": 700, "attempt_ms": 2500, "recreate_after_ms": 200},
        "deadlines": {"connect_ms": 4000, "first_media_ms": 4000, "recover_ms": 8000},
        "turn": [)" +
                   arm + "], " + more + "}");
    return ending();
  }
  std::vector<ServiceStarted> startsOf(const std::string& service) const {
    auto all = events<ServiceStarted>();
    std::erase_if(all, [&](const ServiceStarted& started) { return started.service != service; });
    return all;
  }
  std::ptrdiff_t renewals(const std::string& reason) const {
    return std::ranges::count(events<ServersRenewed>(), reason, &ServersRenewed::reason);
  }
  std::ptrdiff_t refusals() const {
    return std::ranges::count(events<IceServerOutcome>(), 401, &IceServerOutcome::error_code);
  }
};

TEST_F(ServiceFaults, ATurnServerDiesOnTimeAndComesBackAtItsAddress) {
  EXPECT_EQ(runWith(test::kRelayArm,
                    R"("faults": [{"do": "turn_kill", "at_ms": 1500, "for_ms": 1000}],
                       "thresholds": {"recovery_rate": ["rate>=1"]})"),
            "exit 0")
      << output_;
  const auto applied = events<FaultApplied>();
  ASSERT_EQ(applied.size(), 1u);
  EXPECT_EQ(applied[0].service, "coturn");
  EXPECT_LT(applied[0].late_ms, kOnTimeMs);
  EXPECT_EQ(events<FaultOver>().size(), 1u);

  const auto exits = events<ServiceExited>();
  const auto death = std::ranges::find(exits, "signal 9", &ServiceExited::how);
  ASSERT_NE(death, exits.end());
  EXPECT_TRUE(death->expected);
  const auto starts = startsOf("coturn");
  ASSERT_EQ(starts.size(), 2u);
  EXPECT_EQ(starts[0].address, starts[1].address);
  EXPECT_NE(starts[0].pid, starts[1].pid);
  EXPECT_GE(events<LinkRecovered>().size(), 4u) << "both ends of both calls";
}

TEST_F(ServiceFaults, ASecondTurnServerTakesOverWhenTheFirstIsDeadForGood) {
  const std::string arm = R"({"name": "two", "policy": "relay", "ice_servers": [
      {"urls": "turn:{coturn}"}, {"urls": "turn:{coturn-2}"}]})";
  EXPECT_EQ(runWith(arm, R"("faults": [{"do": "turn_kill", "service": "coturn", "at_ms": 1500}],
                            "thresholds": {"recovery_rate": ["rate>=1"]})"),
            "exit 0")
      << output_;
  EXPECT_EQ(startsOf("coturn").size(), 1u);
  EXPECT_TRUE(events<FaultOver>().empty());
  const JsonValue fault = summary().get("run").get("faults").elements().at(0);
  EXPECT_EQ(fault.stringOr("service", ""), "coturn");
  EXPECT_TRUE(fault.get("lasted_ms").isNull());
  EXPECT_NE(output_.find("turn_kill of coturn at 1.5 s, for good"), std::string::npos) << output_;
}

TEST_F(ServiceFaults, ExpiredCredentialsAreRefusedWhereANewAllocationIsNeeded) {
  runWith(kRestArm, R"("faults": [{"do": "turn_credentials_expire", "at_ms": 1500}],
                       "steps": [{"do": "refresh", "bot": 1, "delay_ms": 2000, "away_ms": 100}])");
  EXPECT_EQ(renewals("expired"), 4) << "two bots in each of two calls";
  EXPECT_GE(refusals(), 4);
  EXPECT_TRUE(events<LinkRecovered>().empty());
  const auto failures = events<LinkFailed>();
  EXPECT_GE(std::ranges::count(failures, FailureCause::kTurnAuth, &LinkFailed::cause), 2);
  EXPECT_EQ(summary().get("total").numberOr("succeeded", 0), 2)
      << "nothing happened to them before";
}

TEST_F(ServiceFaults, FreshCredentialsWorkAfterTheFault) {
  EXPECT_EQ(runWith(kRestArm,
                    R"("faults": [{"do": "turn_credentials_expire", "at_ms": 1000, "for_ms": 300}],
                 "steps": [{"do": "refresh", "bot": 1, "delay_ms": 2000, "away_ms": 100}],
                 "thresholds": {"recovery_rate": ["rate>=1"]})"),
            "exit 0")
      << output_;
  EXPECT_EQ(renewals("expired"), 4);
  EXPECT_EQ(renewals("rotated"), 4);
  EXPECT_EQ(refusals(), 0);
}

TEST_F(ServiceFaults, CredentialsAreRenewedBeforeTheyExpire) {
  const std::string arm = R"({"name": "short", "policy": "relay", "ice_servers": [
      {"urls": "turn:{coturn-rest}", "rest": {"ttl_s": 3}}]})";
  EXPECT_EQ(
      runWith(arm, R"("steps": [{"do": "refresh", "bot": 1, "delay_ms": 3500, "away_ms": 100}],
                      "thresholds": {"recovery_rate": ["rate>=1"]})"),
      "exit 0")
      << output_;
  EXPECT_GE(renewals("rotated"), 4);
  EXPECT_EQ(refusals(), 0);
}

TEST_F(ServiceFaults, TheSignalingServerComesBackAtItsAddressAndSoDoTheBots) {
  EXPECT_EQ(runWith(test::kDirectArm,
                    R"("faults": [{"do": "server_restart", "at_ms": 1000, "for_ms": 200}],
                       "thresholds": {"recovery_rate": ["rate>=1"]})",
                    "6000"),
            "exit 0")
      << output_;
  const auto starts = startsOf("signaling");
  ASSERT_EQ(starts.size(), 2u);
  EXPECT_EQ(starts[0].address, starts[1].address);
  EXPECT_NE(starts[0].pid, starts[1].pid);
  const auto applied = events<FaultApplied>();
  ASSERT_EQ(applied.size(), 1u);
  EXPECT_LT(applied[0].late_ms, kOnTimeMs);
  EXPECT_EQ(events<FaultOver>().size(), 1u);
  EXPECT_EQ(events<SocketLost>().size(), 4u) << "two bots in each of two calls";
  EXPECT_EQ(events<SocketBack>().size(), 4u);
  EXPECT_TRUE(events<LinkRecovered>().empty()) << "media never stopped";
}

TEST_F(ServiceFaults, AFaultThatNeverCameLeavesTheRunInDoubt) {
  EXPECT_EQ(runWith(test::kRelayArm, R"("faults": [{"do": "turn_kill", "at_ms": 60000}])"),
            "exit 98")
      << output_;
  EXPECT_NE(output_.find("never came"), std::string::npos) << output_;
}

TEST_F(ServiceFaults, OnlyTheRunsOwnSignalingServerCanBeRestarted) {
  launch({"run",
          write("scenario.json",
                test::scenarioText(test::kDirectArm, 1,
                                   R"(, "faults": [{"do": "server_restart", "at_ms": 0}])")),
          "--signaling", "http://127.0.0.1:9", "--out", path("run")});
  EXPECT_EQ(ending(), "exit 2");
  EXPECT_NE(output_.find("leave out --signaling"), std::string::npos) << output_;
}

}  // namespace
}  // namespace turnout
