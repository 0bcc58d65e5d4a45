#include "tests/unit/results/call_script.h"

namespace turnout::test {

Script operator+(Script a, const Script& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Event ofRun(double at, EventBody body) {
  return {ms(at), -1, -1, -1, std::move(body)};
}

Event ofCall(double at, int call, EventBody body) {
  return {ms(at), call, -1, -1, std::move(body)};
}

Event ofBot(double at, int call, int bot, EventBody body) {
  return {ms(at), call, bot, -1, std::move(body)};
}

Event ofLink(double at, int call, int bot, int peer, EventBody body) {
  return {ms(at), call, bot, peer, std::move(body)};
}

Event runStarted() {
  return ofRun(0, RunStarted{kEpochNs, "20260102-030405", "two-arms", "fast",
                             "2026-01-02T03:04:05Z", R"({"turnout":"0.1.0"})", 7});
}

Event runFinished(double at) {
  return ofRun(at, RunFinished{"completed"});
}

Scenario scenarioOf(std::vector<std::string> arms, int calls_per_arm) {
  Scenario scenario;
  scenario.name = "two-arms";
  scenario.seed = 7;
  scenario.calls_per_arm = calls_per_arm;
  for (std::string& name : arms)
    scenario.turn.push_back({std::move(name), false, {}});
  return scenario;
}

Plan planOf(const Scenario& scenario) {
  Plan plan;
  plan.seed = scenario.seed;
  plan.bots_per_call = scenario.shape.bots;
  const int arms = static_cast<int>(scenario.turn.size());
  for (int id = 0; id < arms * scenario.calls_per_arm; id++)
    plan.calls.push_back({.id = id,
                          .arm = id % arms,
                          .block = id / arms,
                          .start = std::chrono::seconds(id),
                          .seed = 0});
  return plan;
}

double startOf(int call) {
  return 1000.0 * call;
}

Script joinedCall(int call) {
  const double t = startOf(call);
  const std::int64_t scheduled = toNs(ms(t));
  return {ofBot(t + 1, call, 0, BotStarted{scheduled}),
          ofBot(t + 2, call, 1, BotStarted{scheduled}),
          ofBot(t + 8, call, 0, BotJoined{0}),
          ofBot(t + 10, call, 1, BotJoined{1}),
          ofLink(t + 10, call, 0, 1, LinkStarted{false}),
          ofLink(t + 10, call, 1, 0, LinkStarted{true})};
}

Script connectedCall(int call, CandidateType local, CandidateType remote, double stretch) {
  const double t = startOf(call);
  const auto at = [&](double after) { return t + after * stretch; };
  const IceCandidateInfo offerer{local, "udp", "127.0.0.1:1",
                                 local == CandidateType::kRelay ? "udp" : "", ""};
  const IceCandidateInfo answerer{remote, "udp", "127.0.0.1:2",
                                  remote == CandidateType::kRelay ? "udp" : "", ""};
  return joinedCall(call) + Script{ofLink(at(20), call, 1, 0, DescriptionSet{"local", "offer"}),
                                   ofLink(at(24), call, 0, 1, DescriptionSet{"remote", "offer"}),
                                   ofLink(at(26), call, 0, 1, DescriptionSet{"local", "answer"}),
                                   ofLink(at(30), call, 1, 0, DescriptionSet{"remote", "answer"}),
                                   ofLink(at(50), call, 0, 1, StateChanged{"ice", "connected"}),
                                   ofLink(at(60), call, 1, 0, StateChanged{"ice", "connected"}),
                                   ofLink(at(50), call, 0, 1, PairSelected{answerer, offerer}),
                                   ofLink(at(60), call, 1, 0, PairSelected{offerer, answerer}),
                                   ofLink(at(90), call, 0, 1, LinkConnected{}),
                                   ofLink(at(100), call, 1, 0, LinkConnected{})};
}

Script mediaOf(int call, double stretch) {
  const double t = startOf(call);
  Script script;
  for (int bot = 0; bot < 2; bot++) {
    script.push_back(
        ofLink(t + 110 * stretch, call, bot, 1 - bot, MediaStarted{MediaKind::kAudio}));
    script.push_back(ofLink(t + (120 + 10 * bot) * stretch, call, bot, 1 - bot,
                            MediaStarted{MediaKind::kVideo}));
  }
  return script;
}

Script leave(int call, double after) {
  const double t = startOf(call) + after;
  return {ofBot(t, call, 0, BotLeft{true}), ofBot(t + 1, call, 1, BotLeft{true})};
}

Script goodCall(int call, CandidateType local, CandidateType remote, double stretch) {
  return connectedCall(call, local, remote, stretch) + mediaOf(call, stretch) + leave(call);
}

Script failedCall(int call, FailureCause cause, double after, const std::string& detail) {
  const double t = startOf(call) + after;
  return joinedCall(call) +
         Script{ofLink(t, call, 0, 1, LinkFailed{cause, "ice", detail}),
                ofLink(t, call, 1, 0, LinkFailed{cause, "ice", detail})} +
         leave(call, after + 10);
}

Event inRound(int round, Event event) {
  event.round = round;
  return event;
}

Script ringingCall(int call, double rings_ms) {
  const double t = startOf(call);
  Script script = connectedCall(call) + mediaOf(call);
  for (Event& event : script) {
    if (event.at > ms(t + 10))
      event.at = event.at + (ms(rings_ms) - ms(0));
  }
  return script + Script{ofBot(t + 11, call, 1, CallRang{}),
                         ofBot(t + 12 + rings_ms, call, 0, CallAnswered{rings_ms, true}),
                         ofBot(t + 11 + rings_ms, call, 1, CallAnswered{rings_ms, false})};
}

Script stepOf(int call, int bot, int step, StepKind action, double after) {
  const double t = startOf(call) + after;
  return {ofBot(t, call, bot, StepTaken{step, action, 0}),
          ofBot(t + 800, call, bot, StepOver{step})};
}

Script recovery(int call, double after, double outage_ms) {
  const double t = startOf(call) + after;
  Script script;
  for (int bot = 0; bot < 2; bot++) {
    for (const Event& event :
         {ofLink(t - 40, call, bot, 1 - bot, LinkStarted{bot == 0}),
          ofLink(t - 10, call, bot, 1 - bot, LinkConnected{}),
          ofLink(t + bot, call, bot, 1 - bot, LinkRecovered{"rejoin", outage_ms + bot})})
      script.push_back(inRound(2, event));
  }
  return script;
}

Script wholeRun(const Script& calls, double until) {
  return Script{runStarted()} + calls + Script{runFinished(until)};
}

Outcomes foldOf(const Script& script, const Scenario& scenario) {
  Fold fold(scenario, planOf(scenario));
  for (const Event& event : script)
    fold.add(event);
  return fold.finish();
}

}  // namespace turnout::test
