#include "orchestrator/run/fault_injector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::ElementsAre;
using Edge = FaultMoment::Edge;

ServiceFault fault(milliseconds at, std::optional<milliseconds> lasting) {
  return {.kind = ServiceFaultKind::kTurnKill, .service = "coturn", .at = at, .lasting = lasting};
}

TEST(FaultSchedule, TellsBothEndsOfEachFaultInOrderOfTime) {
  FaultSchedule schedule({fault(500ms, 1000ms), fault(100ms, std::nullopt), fault(200ms, 50ms)});
  EXPECT_EQ(schedule.next(), 100ms);
  EXPECT_THAT(schedule.takeDue(2s),
              ElementsAre(FaultMoment{100ms, Edge::kOnset, 1}, FaultMoment{200ms, Edge::kOnset, 2},
                          FaultMoment{250ms, Edge::kOver, 2}, FaultMoment{500ms, Edge::kOnset, 0},
                          FaultMoment{1500ms, Edge::kOver, 0}));
  EXPECT_EQ(schedule.next(), std::nullopt);
}

TEST(FaultSchedule, GivesEachMomentOnceAndNoneBeforeItsTime) {
  FaultSchedule schedule({fault(100ms, 100ms)});
  EXPECT_TRUE(schedule.takeDue(99ms).empty());
  EXPECT_THAT(schedule.takeDue(100ms), ElementsAre(FaultMoment{100ms, Edge::kOnset, 0}));
  EXPECT_TRUE(schedule.takeDue(100ms).empty());
  EXPECT_EQ(schedule.next(), 200ms);
}

TEST(FaultSchedule, WhatIsOverGoesBeforeWhatBegins) {
  FaultSchedule schedule({fault(200ms, 10ms), fault(100ms, 100ms)});
  schedule.takeDue(150ms);
  EXPECT_THAT(schedule.takeDue(200ms),
              ElementsAre(FaultMoment{200ms, Edge::kOver, 1}, FaultMoment{200ms, Edge::kOnset, 0}));
}

TEST(FaultSchedule, OfARunWithoutFaultsIsEmpty) {
  EXPECT_EQ(FaultSchedule({}).next(), std::nullopt);
}

}  // namespace
}  // namespace turnout
