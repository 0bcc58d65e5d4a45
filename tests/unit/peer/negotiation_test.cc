#include "pipelines/peer/negotiation.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using Phase = Negotiation::Phase;
using ToDo = Negotiation::ToDo;
using ToDos = Negotiation::ToDos;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

enum class In {
  kOffer,
  kRestart,
  kOfferCreated,
  kAnswerCreated,
  kOfferSet,
  kAnswerSet,
  kRemoteOffer,
  kRemoteAnswer,
  kRemoteOfferSet,
  kRemoteAnswerSet,
};

// A machine and the ICE generation of its agent.
struct Driven : Negotiation {
  ToDos input(In what) {
    const Instant at = fromNs(++ns);
    const ToDos todos = inputAt(at, what);
    EXPECT_TRUE(isConsistent()) << toString(phase());
    for (const ToDo todo : todos) {
      if (todo == ToDo::kRestartIce)
        generation++;
      if (todo == ToDo::kWithdrawRestart && generation > 0)
        generation--;
    }
    return todos;
  }
  ToDos inputAt(Instant at, In what) {
    switch (what) {
      case In::kOffer:
        return offer(at);
      case In::kRestart:
        return restart(at, generation);
      case In::kOfferCreated:
        return onCreated(at, SdpType::kOffer);
      case In::kAnswerCreated:
        return onCreated(at, SdpType::kAnswer);
      case In::kOfferSet:
        return onLocalSet(at, SdpType::kOffer, generation);
      case In::kAnswerSet:
        return onLocalSet(at, SdpType::kAnswer, generation);
      case In::kRemoteOffer:
        return onRemote(at, SdpType::kOffer);
      case In::kRemoteAnswer:
        return onRemote(at, SdpType::kAnswer);
      case In::kRemoteOfferSet:
        return onRemoteSet(at, SdpType::kOffer, generation);
      case In::kRemoteAnswerSet:
        return onRemoteSet(at, SdpType::kAnswer, generation);
    }
    return {};
  }
  Driven& go(std::initializer_list<In> inputs) {
    for (const In each : inputs)
      input(each);
    return *this;
  }

  unsigned generation = 0;
  std::int64_t ns = 0;
};

struct Row {
  std::vector<In> before;
  Phase phase;
  In input;
  Phase next;
  ToDos todos;
};

// The header's table; what a row's phase is reached by comes first.
TEST(Negotiation, FollowsItsTable) {
  const std::vector<In> creating{In::kOffer}, setting{In::kOffer, In::kOfferCreated},
      awaiting{In::kOffer, In::kOfferCreated, In::kOfferSet},
      reading_answer{In::kOffer, In::kOfferCreated, In::kOfferSet, In::kRemoteAnswer},
      reading{In::kRemoteOffer}, answering{In::kRemoteOffer, In::kRemoteOfferSet},
      setting_answer{In::kRemoteOffer, In::kRemoteOfferSet, In::kAnswerCreated};
  const auto with_offer = [](std::vector<In> before) {
    before.push_back(In::kRemoteOffer);
    return before;
  };
  const Row rows[] = {
      {{}, Phase::kStable, In::kOffer, Phase::kCreatingOffer, {ToDo::kCreateOffer}},
      {{},
       Phase::kStable,
       In::kRestart,
       Phase::kCreatingOffer,
       {ToDo::kRestartIce, ToDo::kCreateOffer}},
      {{}, Phase::kStable, In::kRemoteOffer, Phase::kReadingOffer, {ToDo::kSetRemote}},
      {{}, Phase::kStable, In::kRemoteAnswer, Phase::kReadingAnswer, {ToDo::kSetRemote}},
      {creating, Phase::kCreatingOffer, In::kOfferCreated, Phase::kSettingOffer, {ToDo::kSetLocal}},
      {creating, Phase::kCreatingOffer, In::kRemoteOffer, Phase::kCreatingOffer, {}},
      {creating, Phase::kCreatingOffer, In::kOffer, Phase::kCreatingOffer, {}},
      {with_offer(creating),
       Phase::kCreatingOffer,
       In::kOfferCreated,
       Phase::kReadingOffer,
       {ToDo::kWithdrawRestart, ToDo::kSetRemote}},
      {setting, Phase::kSettingOffer, In::kOfferSet, Phase::kAwaitingAnswer, {ToDo::kTell}},
      {with_offer(setting),
       Phase::kSettingOffer,
       In::kOfferSet,
       Phase::kReadingOffer,
       {ToDo::kWithdrawRestart, ToDo::kRollBack, ToDo::kSetRemote}},
      {awaiting,
       Phase::kAwaitingAnswer,
       In::kRemoteAnswer,
       Phase::kReadingAnswer,
       {ToDo::kSetRemote}},
      {awaiting,
       Phase::kAwaitingAnswer,
       In::kRemoteOffer,
       Phase::kReadingOffer,
       {ToDo::kWithdrawRestart, ToDo::kRollBack, ToDo::kSetRemote}},
      {awaiting, Phase::kAwaitingAnswer, In::kAnswerSet, Phase::kAwaitingAnswer, {}},
      {reading_answer, Phase::kReadingAnswer, In::kRemoteAnswerSet, Phase::kStable, {}},
      {reading_answer,
       Phase::kReadingAnswer,
       In::kRemoteOffer,
       Phase::kReadingOffer,
       {ToDo::kSetRemote}},
      {with_offer(reading_answer),
       Phase::kReadingOffer,
       In::kRemoteAnswerSet,
       Phase::kReadingOffer,
       {}},
      {reading,
       Phase::kReadingOffer,
       In::kRemoteOfferSet,
       Phase::kCreatingAnswer,
       {ToDo::kCreateAnswer}},
      {with_offer(reading),
       Phase::kReadingOffer,
       In::kRemoteOfferSet,
       Phase::kReadingOffer,
       {ToDo::kSetRemote}},
      {answering,
       Phase::kCreatingAnswer,
       In::kAnswerCreated,
       Phase::kSettingAnswer,
       {ToDo::kSetLocal}},
      {answering, Phase::kCreatingAnswer, In::kOfferCreated, Phase::kCreatingAnswer, {}},
      {with_offer(answering),
       Phase::kCreatingAnswer,
       In::kAnswerCreated,
       Phase::kReadingOffer,
       {ToDo::kSetRemote}},
      {setting_answer, Phase::kSettingAnswer, In::kAnswerSet, Phase::kStable, {ToDo::kTell}},
      {with_offer(setting_answer),
       Phase::kSettingAnswer,
       In::kAnswerSet,
       Phase::kReadingOffer,
       {ToDo::kTell, ToDo::kSetRemote}},
  };
  for (std::size_t i = 0; i < std::size(rows); i++) {
    Driven machine;
    for (const In each : rows[i].before)
      machine.input(each);
    ASSERT_EQ(machine.phase(), rows[i].phase) << "row " << i;
    EXPECT_EQ(machine.input(rows[i].input), rows[i].todos) << "row " << i;
    EXPECT_EQ(machine.phase(), rows[i].next) << "row " << i << ": " << toString(machine.phase());
  }
}

TEST(Negotiation, OffersFromTheAskingToTheAnswer) {
  Driven machine;
  EXPECT_FALSE(machine.isOffering());
  for (const In each : {In::kOffer, In::kOfferCreated, In::kOfferSet}) {
    machine.input(each);
    EXPECT_TRUE(machine.isOffering());
  }
  machine.input(In::kRemoteAnswer);
  EXPECT_FALSE(machine.isOffering()) << "for whoever asks, it is stable already";
}

TEST(Negotiation, ARestartWaitsForTheEndOfTheExchange) {
  Driven machine;
  machine.go({In::kOffer, In::kOfferCreated, In::kOfferSet});
  EXPECT_THAT(machine.input(In::kRestart), IsEmpty());
  machine.input(In::kRemoteAnswer);
  EXPECT_THAT(machine.input(In::kRemoteAnswerSet),
              ElementsAre(ToDo::kRestartIce, ToDo::kCreateOffer));
  EXPECT_EQ(machine.phase(), Phase::kCreatingOffer);
}

TEST(Negotiation, ARestartThatWaitsIsOverWhenTheFarEndMadeOne) {
  Driven machine;
  machine.go({In::kRemoteOffer, In::kRestart});
  machine.generation++;  // by the offer that is being read
  machine.go({In::kRemoteOfferSet, In::kAnswerCreated});
  EXPECT_THAT(machine.input(In::kAnswerSet), ElementsAre(ToDo::kTell));
  EXPECT_EQ(machine.phase(), Phase::kStable);
}

TEST(Negotiation, ARestartMayBeAskedForAgainInsideOne) {
  Driven machine;
  machine.go({In::kRestart, In::kOfferCreated, In::kOfferSet, In::kRestart, In::kRemoteAnswer});
  EXPECT_THAT(machine.input(In::kRemoteAnswerSet),
              ElementsAre(ToDo::kRestartIce, ToDo::kCreateOffer));
  EXPECT_EQ(machine.generation, 2u);
}

TEST(Negotiation, OfTwoOffersThatWaitOneIsRead) {
  Driven machine;
  machine.go({In::kOffer, In::kRemoteOffer, In::kRemoteOffer, In::kOfferCreated});
  EXPECT_EQ(machine.phase(), Phase::kReadingOffer);
  EXPECT_THAT(machine.input(In::kRemoteOfferSet), ElementsAre(ToDo::kCreateAnswer));
}

// Any order of inputs, some of which no webrtcbin would give.
TEST(Negotiation, IsConsistentAfterAnyInputs) {
  unsigned seed = 1;
  for (int run = 0; run < 2'000; run++) {
    Driven machine;
    for (int step = 0; step < 30; step++) {
      seed = seed * 1'664'525 + 1'013'904'223;
      machine.input(static_cast<In>((seed >> 16) % 10));
    }
  }
}

}  // namespace
}  // namespace turnout
