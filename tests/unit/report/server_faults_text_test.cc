#include "orchestrator/report/words.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

constexpr Instant kEpoch = fromNs(1'000'000'000);

TEST(ServerFaultsText, TellsOfEachFaultInOneLine) {
  RunFacts run;
  run.epoch = kEpoch;
  run.faults = {{"turn_kill", "coturn", kEpoch + 8s, kEpoch + 11s, 0.4},
                {"turn_kill", "coturn-2", kEpoch + 12'345ms, std::nullopt, 0.4},
                {"turn_credentials_expire", "", kEpoch + 20s, kEpoch + 20'500ms, 0.1}};
  EXPECT_EQ(serverFaultsText(run, 98),
            "\n  faults of servers, on purpose\n"
            "    turn_kill of coturn at 8.0 s, back after 3.0 s\n"
            "    turn_kill of coturn-2 at 12.3 s, for good\n"
            "    turn_credentials_expire of all servers at 20.0 s, back after 0.5 s\n");
}

TEST(ServerFaultsText, SaysNothingWhereNothingWasDone) {
  EXPECT_EQ(serverFaultsText(RunFacts{}, 98), "");
}

TEST(ServerFaultsText, FoldsWhatIsTooMuchForAScreen) {
  RunFacts run;
  run.epoch = kEpoch;
  run.faults.assign(30, {"turn_kill", "coturn", kEpoch, kEpoch + 1s, 0});
  EXPECT_NE(serverFaultsText(run, 98).find("    and 22 more\n"), std::string::npos);
}

}  // namespace
}  // namespace turnout
