// Long random lives of many clients. Whatever they do, nobody is in two things, nobody is alone
// with himself, and when all have gone nothing is left. The Stage checks consistency after every
// step.
#include "tests/unit/signaling_app/stage.h"

#include <random>

namespace turnout {
namespace {

class Crowd {
 public:
  Crowd(unsigned seed, PlantedBugs bugs) : stage_(options(std::move(bugs))), random_(seed) {}

  void step() {
    switch (pick(40)) {
      case 0:
      case 1:
        return arrive();
      case 2:
        return depart(Gone::kLost);
      case 3:
        return depart(pick(2) ? Gone::kLeft : Gone::kClosed);
      case 4:
        return stage_.pass(milliseconds(pick(1500)));
      case 5:
        return stage_.passUnnoticed(milliseconds(pick(500)));
      default:
        return speak();
    }
  }
  void everybodyGoes() {
    while (!present_.empty())
      depart(Gone::kLost);
    stage_.pass(1h);
  }
  Stage& stage() { return stage_; }

 private:
  static SignalingAppOptions options(PlantedBugs bugs) {
    return {.room_capacity = 3,
            .grace = 3s,
            .ring_timeout = 500ms,
            .match_timeout = 4s,
            .bugs = std::move(bugs)};
  }
  int pick(int below) { return std::uniform_int_distribution(0, below - 1)(random_); }
  std::string user() { return "user" + std::to_string(pick(5)); }
  std::string anybody() { return present_[static_cast<std::size_t>(pick(size()))]; }
  int size() const { return static_cast<int>(present_.size()); }

  void arrive() {
    if (size() >= 10)
      return;
    present_.push_back("c" + std::to_string(++last_));
    stage_.connect(present_.back());
  }
  void depart(Gone how) {
    if (present_.empty())
      return;
    const auto id = anybody();
    std::erase(present_, id);
    stage_.gone(id, how);
  }
  void speak() {
    if (present_.empty())
      return;
    static constexpr const char* kEvents[] = {
        "register", "register", "join",   "signal",  "leave",    "call",         "call",
        "call",     "answer",   "answer", "hang-up", "hang-up",  "hang-up",      "reject",
        "reject",   "leave",    "join",   "signal",  "nonsense", "find-partner", "next-partner"};
    const auto id = anybody();
    const std::string event = kEvents[pick(std::size(kEvents))];
    const auto name = user();
    JsonWriter json;
    json.beginObject().field("user", name).field("room", "r" + std::to_string(pick(2)));
    json.field("to", event == "signal" ? anybody() : user());
    json.field("call", "call-" + std::to_string(stage_.app.stats().calls - pick(2)));
    if (pick(3) == 0)
      json.field("key", key_of_[name]);
    if (pick(2))
      json.field("reason", "busy");
    json.key("data").raw(pick(5) ? R"({"candidate":null})" : "0").endObject();
    const auto ack = *JsonValue::parse(stage_.say(id, event.c_str(), json.text()));
    if (event == "register" && ack.boolOr("ok", false))
      key_of_[name] = ack.stringOr("key", "");
    closeWhoMust();
  }
  void closeWhoMust() {
    for (const auto& closed : std::exchange(stage_.closed, {})) {
      std::erase(present_, closed);
      stage_.gone(closed, Gone::kClosed);
    }
  }

  Stage stage_;
  std::mt19937 random_;
  int last_ = 0;
  std::vector<std::string> present_;           // connections
  std::map<std::string, std::string> key_of_;  // by user, as last given
};

TEST(Invariants, HoldThroughRandomLivesAndNothingIsLeftBehind) {
  AppStats seen;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Crowd crowd(seed, {});
    for (int i = 0; i < 1000 && !testing::Test::HasFailure(); ++i)
      crowd.step();
    crowd.everybodyGoes();
    ASSERT_EQ(crowd.stage().app.census(), AppCensus{}) << "seed " << seed;
    ASSERT_EQ(crowd.stage().app.deadline(), Instant::max());
    const auto& stats = crowd.stage().app.stats();
    for (std::size_t i = 0; i < kAppErrorCount; ++i)
      seen.errors[i] += stats.errors[i];
    for (std::size_t i = 0; i < kEndReasonCount; ++i)
      seen.ended[i] += stats.ended[i];
    seen.resumptions += stats.resumptions;
    seen.replaced += stats.replaced;
  }
  // The lives were rich enough to mean something.
  for (std::size_t i = 0; i < kAppErrorCount; ++i) {
    const auto error = static_cast<AppError>(i);
    EXPECT_TRUE(seen.errors[i] > 0 || !isSessionError(error)) << toString(error);
  }
  for (std::size_t i = 0; i < kEndReasonCount; ++i) {
    EXPECT_GT(seen.ended[i], 0u) << toString(static_cast<EndReason>(i));
  }
  EXPECT_GT(seen.resumptions, 0u);
  EXPECT_GT(seen.replaced, 0u);
}

TEST(Invariants, PlantedBugsNeverBreakTheServerItself) {
  for (const PlantedBug bug : kPlantedBugs) {
    Crowd crowd(7, {bug});
    for (int i = 0; i < 1000; ++i)
      crowd.step();
    crowd.everybodyGoes();
    EXPECT_EQ(crowd.stage().app.census().connections, 0u) << toString(bug);
  }
}

}  // namespace
}  // namespace turnout
