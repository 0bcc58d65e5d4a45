#include "bots/attempt/entry.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

const Instant kStart = fromNs(1'000'000'000);

CallShape entryShape(CallMode kind, int bots, int guests = 0) {
  CallShape shape;
  shape.kind = kind;
  shape.bots = bots;
  shape.guests = guests;
  return shape;
}

Entry entryOf(CallShape shape, int bot = 0) {
  return Entry({.shape = shape,
                .bot = bot,
                .participants = Participants(shape, "r"),
                .room = "r",
                .pool = "p",
                .deadlines = {}},
               Entry::Reason::kFirst, kStart + 5s);
}

struct Driven {
  explicit Driven(CallShape shape, int bot = 0) : entry(entryOf(shape, bot)) {
    hear(1ms, SignalConnected{});
    hear(2ms, SignalRegistered{"key", false, 5000ms});
    entry.takeNotes();
  }
  template <class Body>
  void hear(Duration after, Body body) {
    entry.onSignal({kStart + after, std::move(body)});
  }
  Entry::Ask lastAsked() {
    const auto asks = entry.takeAsks();
    return asks.empty() ? Entry::Ask{SignalRequest::kConnect, ""} : asks.back();
  }
  template <class Body>
  std::vector<Body> noted() {
    std::vector<Body> found;
    for (const auto& [at, body] : entry.takeNotes())
      if (const auto* match = std::get_if<Body>(&body))
        found.push_back(*match);
    return found;
  }
  Entry entry;
};

TEST(Entry, RegistersThenAsksForWhatItsKindOfCallBeginsWith) {
  Driven room(entryShape(CallMode::kRoom, 2));
  EXPECT_EQ(room.lastAsked().request, SignalRequest::kJoin);
  Driven caller(entryShape(CallMode::kCall, 2));
  const Entry::Ask call = caller.lastAsked();
  EXPECT_EQ(call.request, SignalRequest::kCall);
  EXPECT_EQ(call.text, "r-bot-1");
  Driven seeker(entryShape(CallMode::kMatch, 1));
  EXPECT_EQ(seeker.lastAsked().text, "p");
}

TEST(Entry, WhoIsCalledAnswersAfterTheRingTime) {
  CallShape shape = entryShape(CallMode::kCall, 2);
  shape.answer_after = 300ms;
  Driven callee(shape, 1);
  EXPECT_EQ(callee.lastAsked().request, SignalRequest::kRegister) << "and asks for nothing more";
  callee.hear(10ms, SignalIncoming{"call-1", {"a", "r-bot-0"}});
  EXPECT_EQ(callee.entry.due(), kStart + 310ms);
  callee.entry.onTime(kStart + 310ms);
  EXPECT_EQ(callee.lastAsked().request, SignalRequest::kAnswer);
  callee.hear(311ms, SignalAnswered{"call-1", {"a", "r-bot-0"}, false});
  EXPECT_EQ(callee.entry.phase(), Entry::Phase::kIn);
  EXPECT_EQ(callee.entry.waited(), 301ms);
  EXPECT_FALSE(callee.entry.peers().at(0).we_offer);
}

TEST(Entry, ACallerLooksAgainUntilTheOtherOneIsThere) {
  Driven caller(entryShape(CallMode::kCall, 2));
  caller.lastAsked();
  caller.hear(3ms, SignalRefused{SignalRequest::kCall, "no_such_user", Refusal::kNoSuchUser});
  EXPECT_EQ(caller.entry.due(), kStart + 23ms);
  caller.entry.onTime(kStart + 23ms);
  EXPECT_EQ(caller.lastAsked().request, SignalRequest::kCall);
  EXPECT_TRUE(caller.noted<SessionError>().empty()) << "not being there yet is no error";
}

TEST(Entry, ARefusalThatMayPassIsTriedOnceMore) {
  Driven room(entryShape(CallMode::kRoom, 2));
  room.hear(3ms, SignalRefused{SignalRequest::kJoin, "double_join", Refusal::kAlreadyIn});
  EXPECT_EQ(room.entry.due(), kStart + 503ms);
  room.entry.onTime(kStart + 503ms);
  EXPECT_EQ(room.lastAsked().request, SignalRequest::kJoin);
  room.hear(504ms, SignalRefused{SignalRequest::kJoin, "double_join", Refusal::kAlreadyIn});
  EXPECT_EQ(room.entry.phase(), Entry::Phase::kRefused);
  EXPECT_EQ(room.entry.failure().cause, FailureCause::kJoinRejected);
  EXPECT_EQ(room.noted<SessionError>().size(), 2u);
}

TEST(Entry, NobodyAnswersNobodyCallsNobodyComes) {
  Driven caller(entryShape(CallMode::kCall, 2));
  caller.hear(3ms, SignalRinging{"call-1"});
  caller.hear(2s, SignalCallOver{"call-1", "busy"});
  EXPECT_EQ(caller.entry.failure().cause, FailureCause::kNotAnswered);
  EXPECT_EQ(caller.entry.failure().detail, "busy");

  Driven callee(entryShape(CallMode::kCall, 2), 1);
  callee.entry.onTime(*callee.entry.due());
  EXPECT_EQ(callee.entry.failure().cause, FailureCause::kPeerMissing);

  Driven seeker(entryShape(CallMode::kMatch, 1));
  seeker.hear(3ms, SignalQueued{});
  seeker.hear(60s, SignalNoPartner{});
  EXPECT_EQ(seeker.entry.failure().cause, FailureCause::kNoPartner);
  EXPECT_EQ(seeker.noted<SessionError>().at(0).error, "match_timeout");
}

TEST(Entry, TwoWhoCallEachOtherHaveOneCall) {
  Driven caller(entryShape(CallMode::kCall, 2));
  caller.lastAsked();
  caller.hear(3ms, SignalIncoming{"call-1", {"b", "r-bot-1"}});
  caller.hear(4ms, SignalRefused{SignalRequest::kCall, "busy", Refusal::kBusy});
  EXPECT_EQ(caller.entry.phase(), Entry::Phase::kWaiting);
  caller.entry.onTime(kStart + 5ms);
  EXPECT_EQ(caller.lastAsked().request, SignalRequest::kAnswer);
}

TEST(Entry, WhoIsBackInACallOffersAndWhoIsBackInNothingBeginsAnew) {
  using Place = SignalBack::Place;
  const auto backIn = [](SignalBack back) {
    Entry entry = entryOf(entryShape(CallMode::kCall, 2), 1);
    entry.onSignal({kStart + 1ms, SignalConnected{}});
    entry.onSignal({kStart + 2ms, SignalRegistered{"key", true, 5000ms}});
    entry.takeAsks();
    entry.onSignal({kStart + 3ms, std::move(back)});
    return entry;
  };
  const Entry in_call = backIn({Place::kCall, "call-1", {{"a", "r-bot-0"}}, false});
  EXPECT_EQ(in_call.phase(), Entry::Phase::kIn);
  EXPECT_TRUE(in_call.peers().at(0).we_offer);
  Entry in_nothing = backIn({Place::kNothing, "", {}, false});
  EXPECT_EQ(in_nothing.phase(), Entry::Phase::kWaiting) << "its first time: it is called";
  Entry ringing = backIn({Place::kRinging, "call-1", {{"a", "r-bot-0"}}, false});
  ringing.onTime(kStart + 4ms);
  EXPECT_EQ(ringing.takeAsks().at(0).request, SignalRequest::kAnswer);
}

// An app may tell ids and no names: who is met is one of the other bots, in order of appearance.
TEST(Participants, StrangersAreTheOtherBotsWhereNoGuestsCome) {
  Participants of_two(entryShape(CallMode::kRoom, 2), "r", 1);
  EXPECT_EQ(of_two.indexOf("socket-7"), 0);
  EXPECT_EQ(of_two.indexOf("socket-7"), 0);
  Participants of_three(entryShape(CallMode::kRoom, 3), "r", 1);
  EXPECT_EQ(of_three.indexOf("x"), 0);
  EXPECT_EQ(of_three.indexOf("y"), 2);
  EXPECT_EQ(of_three.indexOf(of_three.botName(2)), 2);
  EXPECT_GE(of_three.indexOf("z"), 3) << "one too many";
  Participants with_guest(entryShape(CallMode::kRoom, 1, 1), "r", 0);
  EXPECT_EQ(with_guest.indexOf("anybody"), 1);
}

}  // namespace
}  // namespace turnout
