// What two ends of a link do when their offers meet, or their signals are lost.
#include "bots/attempt/link_set.h"

#include "tests/unit/attempt/actions.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

const Instant kNow = fromNs(1'000'000'000);

LinkSet linksOf(const std::string& user, const std::optional<Instant>* last_heard = nullptr) {
  LinkSet::Plan plan;
  plan.user = user;
  if (last_heard)
    plan.last_heard = [last_heard](int) { return *last_heard; };
  plan.scheduled = kNow;
  LinkSet links(plan);
  links.expect(1);
  return links;
}

std::vector<BotAction> actionsOf(LinkSet& links) {
  std::vector<BotAction> actions;
  for (auto& output : links.takeOutputs())
    if (auto* action = std::get_if<BotAction>(&output))
      actions.push_back(std::move(*action));
  return actions;
}

void open(LinkSet& links, const char* user, bool we_offer) {
  links.open(kNow, {std::string(user) + "-socket", user, we_offer, "1"}, 1,
             {.begin = kNow, .connect = 30s});
}

std::vector<std::string> sent(const std::vector<BotAction>& actions) {
  std::vector<std::string> texts;
  for (const SendSignal& signal : all<SendSignal>(actions)) {
    if (const auto* description = std::get_if<ShipDescription>(&signal.what))
      texts.push_back(std::string(toString(description->type)) + " " + description->sdp);
    else
      texts.push_back(std::get<ShipCandidate>(signal.what).candidate);
  }
  return texts;
}

int lastLink(const std::vector<BotAction>& actions) {
  return all<OpenLink>(actions).back().link;
}

TEST(LinkSet, OfTwoFirstOffersThatMeetTheOneOfTheNameThatSortsFirstCounts) {
  LinkSet ann = linksOf("ann"), ben = linksOf("ben");
  open(ann, "ben", true);
  open(ben, "ann", true);
  actionsOf(ann);
  actionsOf(ben);
  ann.onDescription({"ben-socket", 1, "offer", "of ben"}, kNow);
  EXPECT_TRUE(actionsOf(ann).empty()) << "ignored: ours counts";
  ben.onDescription({"ann-socket", 1, "offer", "of ann"}, kNow);
  const auto actions = actionsOf(ben);
  EXPECT_EQ(all<CloseLink>(actions).size(), 1u) << "a first offer cannot be given up";
  ASSERT_EQ(all<OpenLink>(actions).size(), 1u);
  EXPECT_FALSE(all<OpenLink>(actions)[0].peer.we_offer);
  EXPECT_EQ(all<OpenLink>(actions)[0].number, 1);
  EXPECT_EQ(std::get<SetRemote>(all<CommandPeer>(actions).at(0).command).sdp, "of ann");
}

TEST(LinkSet, WhoIsReachableAgainHearsTheOfferOnceMoreUntilItIsAnswered) {
  LinkSet ann = linksOf("ann");
  open(ann, "ben", true);
  const int link = lastLink(actionsOf(ann));
  ann.onPeer(link, {kNow, LocalDescription{SdpType::kOffer, "o"}});
  ann.onPeer(link, {kNow, LocalCandidate{0, "candidate:1", {}}});
  actionsOf(ann);
  EXPECT_TRUE(ann.keeps(kNow, {"ben-2", "ben", false, "1"}));
  auto actions = actionsOf(ann);
  EXPECT_EQ(sent(actions), (std::vector<std::string>{"offer o", "candidate:1"}));
  EXPECT_EQ(all<SendSignal>(actions)[0].to, "ben-2");
  ann.onDescription({"ben-2", 1, "answer", "a"}, kNow);
  ann.onPeer(link, {kNow, RemoteDescriptionSet{SdpType::kAnswer}});
  ann.onPeer(link, {kNow, ConnectionStateChanged{"connected"}});
  actionsOf(ann);
  EXPECT_TRUE(ann.keeps(kNow, {"ben-3", "ben", false, "1"}));
  EXPECT_TRUE(sent(actionsOf(ann)).empty());
}

TEST(LinkSet, AnOfferThatComesOnceMoreIsAnsweredOnceMore) {
  LinkSet ben = linksOf("ben");
  open(ben, "ann", false);
  const int link = lastLink(actionsOf(ben));
  ben.onDescription({"ann-socket", 1, "offer", "o"}, kNow);
  ben.onPeer(link, {kNow, LocalDescription{SdpType::kAnswer, "a"}});
  actionsOf(ben);
  ben.onDescription({"ann-socket", 1, "offer", "o"}, kNow);
  const auto actions = actionsOf(ben);
  EXPECT_TRUE(all<CommandPeer>(actions).empty()) << "the peer connection has it";
  EXPECT_EQ(sent(actions), (std::vector<std::string>{"answer a"}));
}

TEST(LinkSet, AnAnswerThatNobodyAwaitsIsNotTaken) {
  LinkSet ann = linksOf("ann");
  open(ann, "ben", true);
  const int link = lastLink(actionsOf(ann));
  ann.onPeer(link, {kNow, LocalDescription{SdpType::kOffer, "o"}});
  ann.onDescription({"ben-socket", 1, "answer", "a"}, kNow);
  EXPECT_EQ(all<CommandPeer>(actionsOf(ann)).size(), 1u);
  ann.onDescription({"ben-socket", 1, "answer", "a"}, kNow);
  EXPECT_TRUE(actionsOf(ann).empty());
}

TEST(LinkSet, AnAddressThatChangesWhileALinkConnectsIsLeftByARestart) {
  LinkSet ben = linksOf("ben");
  open(ben, "ann", false);
  const int link = lastLink(actionsOf(ben));
  ben.onAddressChanged(kNow);
  EXPECT_TRUE(actionsOf(ben).empty()) << "nobody was told the old one";
  ben.onDescription({"ann-socket", 1, "offer", "o"}, kNow);
  ben.onPeer(link, {kNow, LocalDescription{SdpType::kAnswer, "a"}});
  actionsOf(ben);
  ben.onAddressChanged(kNow);
  const auto commands = all<CommandPeer>(actionsOf(ben));
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<RestartIce>(commands[0].command));
}

TEST(LinkSet, CandidatesThatAreSaidAgainToBeSureAreNoMistakeOfTheApp) {
  LinkSet ben = linksOf("ben");
  open(ben, "ann", false);
  ben.onDescription({"ann-socket", 1, "offer", "o"}, kNow);
  const std::string text = "candidate:1 1 UDP 1 127.0.0.1 5 typ host";
  ben.onCandidate({"ann-socket", 1, 0, text}, kNow);
  EXPECT_TRUE(ben.keeps(kNow, {"ann-2", "ann", true, "1"}));
  actionsOf(ben);
  ben.onCandidate({"ann-2", 1, 0, text}, kNow);
  EXPECT_TRUE(actionsOf(ben).empty());
}

TEST(LinkSet, TheSameCandidateOfTwoSectionsIsNotADuplicate) {
  LinkSet ben = linksOf("ben");
  open(ben, "ann", false);
  const std::string text = "candidate:1 1 UDP 1 127.0.0.1 5 typ host";
  ben.onCandidate({"ann-socket", 1, 0, text, "audio"}, kNow);
  ben.onCandidate({"ann-socket", 1, 0, text, "video"}, kNow);
  EXPECT_TRUE(recorded<AppFaultSeen>(actionsOf(ben)).empty());
  ben.onCandidate({"ann-socket", 1, 0, text, "video"}, kNow);
  EXPECT_EQ(recorded<AppFaultSeen>(actionsOf(ben)).size(), 1u);
}

// A link that is up, and loses its media at 1 s.
class LostLink : public testing::Test {
 protected:
  LostLink() : links_(linksOf("ann", &heard_)) {
    open(links_, "ben", true);
    link_ = lastLink(actionsOf(links_));
    tell(1ms, LocalDescription{SdpType::kOffer, "o"});
    links_.onDescription({"ben-socket", 1, "answer", "a"}, kNow + 2ms);
    tell(10ms, ConnectionStateChanged{"connected"});
    tell(1300ms, MediaSilent{kNow + 1s});
    actionsOf(links_);
  }
  void tell(Duration after, decltype(PeerEvent::body) body) {
    links_.onPeer(link_, {kNow + after, std::move(body)});
  }
  std::string recoveredBy() {
    const auto recoveries = recorded<LinkRecovered>(actionsOf(links_));
    return recoveries.size() == 1 ? recoveries[0].rung : std::to_string(recoveries.size());
  }

  std::optional<Instant> heard_;  // the last packet
  LinkSet links_;
  int link_ = 0;
};

TEST_F(LostLink, IsBackByItselfWhateverWasTried) {
  links_.onTime(kNow + 6s);  // restarts ICE
  tell(6500ms, LocalDescription{SdpType::kOffer, "restart"});
  tell(7s, MediaBack{});
  links_.onTime(kNow + 8s);
  EXPECT_EQ(recoveredBy(), "none");
}

TEST_F(LostLink, IsBackByTheRestartWhoseSocketsBringMedia) {
  links_.onTime(kNow + 6s);
  tell(7s, IcePairSelected{});
  tell(7010ms, MediaBack{.gap = 6s, .is_by_restart = true});
  EXPECT_EQ(recoveredBy(), "ice_restart");
}

TEST_F(LostLink, IsBackByItselfWhenTheSocketsOfBeforeBringMediaThoughTheRestartIsThrough) {
  links_.onDescription({"ben-socket", 1, "offer", "restart of ben"}, kNow + 6s);
  tell(7s, MediaBack{});
  tell(7010ms, IcePairSelected{});
  EXPECT_EQ(recoveredBy(), "none");
}

TEST_F(LostLink, IsNotGivenUpWhileItIsHeardThoughIceFailed) {
  tell(1500ms, MediaBack{});
  actionsOf(links_);
  tell(1520ms, ConnectionStateChanged{"failed"});
  links_.onTime(kNow + 1520ms);  // restarts ICE
  heard_ = kNow + 1600ms;        // it never stopped, so it does not come back
  tell(1700ms, IcePairSelected{});
  EXPECT_EQ(recoveredBy(), "ice_restart");
}

TEST_F(LostLink, IsBackAtTheEndOfAnAttemptWhenItIsHeardThoughIceFailed) {
  tell(1500ms, MediaBack{});
  actionsOf(links_);
  tell(1520ms, ConnectionStateChanged{"failed"});
  links_.onTime(kNow + 1520ms);
  heard_ = kNow + 20s;
  links_.onTime(kNow + 20s);
  links_.onTime(kNow + 30s);
  const auto actions = actionsOf(links_);
  EXPECT_EQ(recorded<LinkRecovered>(actions).size(), 1u);
  EXPECT_TRUE(recorded<LinkFailed>(actions).empty());
}

TEST_F(LostLink, IsNoneWhenIceFailsAndMediaGoesOn) {
  tell(1500ms, MediaBack{});
  actionsOf(links_);
  heard_ = kNow + 1510ms;
  tell(1520ms, ConnectionStateChanged{"failed"});
  links_.onTime(kNow + 1520ms);
  heard_ = kNow + 1690ms;
  tell(1700ms, IcePairSelected{});
  links_.onTime(kNow + 30s);
  const auto actions = actionsOf(links_);
  EXPECT_EQ(recorded<RecoveryTried>(actions).size(), 1u) << "ICE is mended all the same";
  EXPECT_TRUE(recorded<LinkLost>(actions).empty());
  EXPECT_TRUE(recorded<LinkRecovered>(actions).empty());
  EXPECT_TRUE(links_.areAllUp());
}

TEST_F(LostLink, IsLostOnceMediaStopsAfterIceFailed) {
  tell(1500ms, MediaBack{});
  actionsOf(links_);
  heard_ = kNow + 1510ms;
  tell(1520ms, ConnectionStateChanged{"failed"});
  links_.onTime(kNow + 1520ms);
  tell(1820ms, MediaSilent{kNow + 1510ms});
  EXPECT_EQ(recorded<LinkLost>(actionsOf(links_)).size(), 1u);
  EXPECT_FALSE(links_.areAllUp());
  tell(2600ms, IcePairSelected{});
  tell(2610ms, MediaBack{.gap = 1100ms, .is_by_restart = true});
  const auto recoveries = recorded<LinkRecovered>(actionsOf(links_));
  ASSERT_EQ(recoveries.size(), 1u);
  EXPECT_EQ(recoveries[0].rung, "ice_restart");
  EXPECT_EQ(recoveries[0].outage_ms, 1090);
}

TEST_F(LostLink, IsNotRestartedWhileOneKindIsThereAgain) {
  heard_ = kNow + 5990ms;
  links_.onTime(kNow + 6s);
  EXPECT_TRUE(actionsOf(links_).empty());
  links_.onTime(kNow + 6300ms);  // and gone again
  EXPECT_EQ(recorded<RecoveryTried>(actionsOf(links_)).size(), 1u);
}

TEST_F(LostLink, IsBackByTheNewConnection) {
  links_.onTime(kNow + 6s);   // restarts ICE
  links_.onTime(kNow + 11s);  // gives that up
  links_.onTime(kNow + 13s);  // makes it anew
  link_ = lastLink(actionsOf(links_));
  tell(13100ms, ConnectionStateChanged{"connected"});
  EXPECT_EQ(recoveredBy(), "recreate");
}

TEST_F(LostLink, IsLostAnewAfterANewConnectionBroughtItBack) {
  links_.onTime(kNow + 6s);
  links_.onTime(kNow + 11s);
  links_.onTime(kNow + 13s);
  link_ = lastLink(actionsOf(links_));
  tell(13100ms, ConnectionStateChanged{"connected"});
  actionsOf(links_);
  links_.onTime(kNow + 19s);
  EXPECT_TRUE(actionsOf(links_).empty()) << "no attempt is under way any more";
  tell(20300ms, MediaSilent{kNow + 20s});
  links_.onTime(kNow + 25s);
  const auto actions = actionsOf(links_);
  EXPECT_EQ(recorded<LinkLost>(actions).size(), 1u);
  const auto tried = recorded<RecoveryTried>(actions);
  ASSERT_EQ(tried.size(), 1u);
  EXPECT_EQ(tried[0].rung, "ice_restart");
  EXPECT_EQ(tried[0].attempt, 1);
}

}  // namespace
}  // namespace turnout
