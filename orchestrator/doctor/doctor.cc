#include "orchestrator/doctor/doctor.h"

#include "orchestrator/results/diagnosis/server_diagnosis.h"
#include "orchestrator/results/fold/figures.h"
#include "orchestrator/results/fold/fold.h"
#include "orchestrator/run/run_controller.h"
#include "orchestrator/run/run_recorder.h"
#include "pipelines/base/files.h"
#include "pipelines/base/json.h"
#include "scenarios/load.h"
#include "scenarios/plan.h"

#include <algorithm>

namespace turnout {
namespace {

bool isBeforeIce(PrimaryCause cause) {
  return cause < PrimaryCause::kTurnCredentialExpired;
}

// The ends of a short call have the addresses of this machine. Where these are private, a server may
// well deny them (denied-peer-ip): ends that are not in this network have others.
bool isOfThisNetwork(const ExaminedCall& call, const ProbeReport& probe) {
  return call.is_to_plain_end && call.outcome.diagnosis &&
         call.outcome.diagnosis->cause == PrimaryCause::kTurnForbiddenPeer &&
         std::ranges::any_of(probe.servers, [](const ServerReport& server) {
           return server.has(ProbeNotice::kOutsideForbidden);
         });
}

Prescription ofCall(const ExaminedCall& call) {
  const Diagnosis diagnosis = call.outcome.diagnosis.value_or(Diagnosis{});
  return {diagnosis, call.name, wordsOf(diagnosis.cause).remedy};
}

// Of the servers that must work the one that came closest to it. The probe saw more of it than a
// call does.
std::optional<Prescription> ofServers(const ProbeReport& probe, std::chrono::seconds now) {
  std::optional<Prescription> closest;
  for (const ServerReport& server : probe.servers) {
    if (server.expectation != Expectation::kMustWork)
      continue;
    const auto found = diagnosisOf(server, probe, now);
    if (found && (!closest || found->cause < closest->diagnosis->cause))
      closest = Prescription{found, server.url, wordsOf(found->cause).remedy};
  }
  for (const CrossReport& crossing : probe.crossings) {
    if (closest || !crossing.fault)
      continue;
    auto found = diagnosisOf(*crossing.fault, {now, {}});
    found->evidence = "between " + crossing.url + " and " + crossing.other_url + ": " +
                      codedFaultText(*crossing.fault);
    closest = Prescription{found, crossing.url, wordsOf(found->cause).remedy};
  }
  return closest;
}

std::string serverText(const ServerReport& server) {
  if (server.fault)
    return codedFaultText(*server.fault);
  if (!server.alternate_address.empty())
    return "sends its clients to " + server.alternate_address;
  std::string text = server.scheme == IceScheme::kTurn ? "a relay" : "a mapped address";
  text += " after " + millisecondsText(server.allocate_ms.value_or(server.elapsed_ms));
  return server.burst ? text + ", " + percentText(server.burst->lost) + " of a second of data lost"
                      : text;
}

std::string callText(const CallOutcome& call) {
  if (call.state != CallState::kSucceeded)
    return "failed: " + std::string(toString(call.diagnosis.value_or(Diagnosis{}).cause));
  std::string path = call.paths.empty() ? "" : " by " + call.paths.front();
  return "connected after " + millisecondsText(toMs(call.connect_time.value_or(Duration{}))) + path;
}

constexpr const char* kGood = "  ok    ";
constexpr const char* kBad = "  FAIL  ";
constexpr const char* kNotThere = "  -     ";  // nobody said that it is

const char* markOf(const ServerReport& server) {
  if (server.works())
    return kGood;
  return server.expectation == Expectation::kMustWork ? kBad : kNotThere;
}

std::string nameOf(const ServerReport& server) {
  return server.redirected_by.empty() ? server.url : server.url + " at " + server.address;
}

std::string line(const char* mark, const std::string& what, const std::string& result) {
  return mark + what + ": " + result + "\n";
}

}  // namespace

Prescription prescribe(const Examination& seen, std::chrono::seconds now) {
  std::vector<const ExaminedCall*> failed;
  for (const ExaminedCall& call : seen.calls)
    if (call.outcome.state != CallState::kSucceeded && !isOfThisNetwork(call, seen.probe))
      failed.push_back(&call);
  for (const ExaminedCall* call : failed)
    if (const auto early = ofCall(*call); isBeforeIce(early.diagnosis->cause))
      return early;
  const auto servers = ofServers(seen.probe, now);
  const auto relayed =
      std::ranges::find_if(failed, [](const ExaminedCall* call) { return call->relay_only; });
  if (relayed != failed.end())
    return servers ? *servers : ofCall(**relayed);
  if (!failed.empty())
    return ofCall(*failed.front());
  return servers.value_or(Prescription{});
}

std::string doctorText(const Examination& seen, const Prescription& prescription) {
  std::string text;
  for (const ServerReport& server : seen.probe.servers)
    text += line(markOf(server), nameOf(server), serverText(server));
  for (const CrossReport& crossing : seen.probe.crossings)
    text += line(crossing.fault     ? kBad
                 : crossing.echo_ms ? kGood
                                    : kNotThere,
                 "relay to relay, " + crossing.url + " and " + crossing.other_url,
                 crossing.fault     ? codedFaultText(*crossing.fault)
                 : crossing.echo_ms ? "there and back in " + millisecondsText(*crossing.echo_ms)
                                    : "not tried");
  for (const ExaminedCall& call : seen.calls)
    text += line(call.outcome.state == CallState::kSucceeded ? kGood : kBad, call.name,
                 callText(call.outcome));
  for (const ServerReport& server : seen.probe.servers)
    for (const ProbeNotice notice : server.notices)
      text += "  note  " + nameOf(server) + ": " + noticeText(notice, server) + "\n";
  if (!prescription.diagnosis)
    return text + "\nHealthy: every server works, and calls connect.\n";
  const Diagnosis& diagnosis = *prescription.diagnosis;
  text += "\nMost likely: " + std::string(toString(diagnosis.cause)) + ". " +
          wordsOf(diagnosis.cause).meaning + "\n";
  if (!diagnosis.evidence.empty())
    text += "  Seen:   " + diagnosis.evidence + "\n";
  return text + "  To do:  " + prescription.remedy + "\n";
}

std::string doctorJson(const Examination& seen, const Prescription& prescription) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.beginObject().key("healthy").boolean(!prescription.diagnosis);
  if (const auto& diagnosis = prescription.diagnosis) {
    json.field("cause", toString(diagnosis->cause)).field("where", prescription.where);
    json.field("evidence", diagnosis->evidence).field("remedy", prescription.remedy);
  }
  json.key("servers").beginArray();
  for (const ServerReport& server : seen.probe.servers) {
    json.beginObject().field("url", server.url).key("works").boolean(server.works());
    json.field("result", serverText(server)).key("notices").beginArray();
    for (const ProbeNotice notice : server.notices)
      json.string(std::string(toString(notice)));
    json.endArray().endObject();
  }
  json.endArray().key("calls").beginArray();
  for (const ExaminedCall& call : seen.calls) {
    json.beginObject().field("call", call.name).key("connected");
    json.boolean(call.outcome.state == CallState::kSucceeded);
    json.field("result", callText(call.outcome)).endObject();
  }
  return json.endArray().endObject().take() + "\n";
}

namespace {

// Sound tells as much as a picture would, and costs less. The arms are added in memory: hosts get
// their servers with each call.
constexpr const char* kCalls = R"({
  "name": "doctor",
  "calls": {"per_arm": 1, "hold_ms": 200},
  "arrival": {"rate_per_s": 20, "shape": "even"},
  "media": {"video": null},
  "deadlines": {"join_ms": 3000, "connect_ms": 5500, "first_media_ms": 1500, "leave_ms": 500}
})";

Scenario scenarioWith(const std::vector<IceServer>& servers, const std::string& signaling_url) {
  Scenario scenario = std::get<LoadedScenario>(parseScenario(kCalls)).scenario;
  scenario.signaling.url = signaling_url;
  scenario.turn.clear();
  ScenarioServer given;
  given.source = GivenServers{servers};
  TurnArm any{"any path", false, {given}};
  TurnArm relay{"relay only", true, any.ice_servers};
  TurnArm to_plain{"relay to an end without", true, any.ice_servers};
  to_plain.callee = CalleeEnd{.relay_only = false, .has_servers = false};
  scenario.turn.push_back(std::move(any));
  if (namesTurn(relay)) {
    scenario.turn.push_back(std::move(relay));
    scenario.turn.push_back(std::move(to_plain));
  }
  return scenario;
}

class FoldingSink : public EventSink {
 public:
  explicit FoldingSink(Fold& fold) : fold_(fold) {}
  void add(const Event& event, std::string_view) override { fold_.add(event); }

 private:
  Fold& fold_;
};

}  // namespace

Result<std::vector<ExaminedCall>> makeShortCalls(const ShortCallsSetup& setup) {
  auto directory = TempDir::create("doctor");
  if (!directory)
    return directory.error();
  const Scenario scenario = scenarioWith(setup.servers, setup.signaling_url);
  const Plan plan = makePlan(scenario);
  Fold fold(scenario, plan);
  FoldingSink sink(fold);
  Loop loop;
  std::optional<Error> failure;
  RunController controller(loop,
                           {.scenario = scenario,
                            .scenario_text = kCalls,
                            .plan = plan,
                            .run_id = "doctor",
                            .directory = directory->path(),
                            .turnout_program = setup.turnout_program,
                            .host_program = setup.host_program},
                           sink, [&](const Result<RunEnd>& end) {
                             if (!end)
                               failure = end.error();
                             loop.quit();
                           });
  const Timer start = loop.after(0ms, [&controller] { controller.start(); });
  loop.run();
  if (failure)
    return *failure;
  std::vector<ExaminedCall> calls;
  for (CallOutcome& outcome : fold.finish().calls) {
    const TurnArm& arm = scenario.turn.at(static_cast<std::size_t>(outcome.arm));
    calls.push_back(
        {"a call, " + arm.name, arm.relay_only, arm.callee.has_value(), std::move(outcome)});
  }
  std::ranges::sort(calls, {}, [](const ExaminedCall& call) {
    return std::pair(call.relay_only, call.is_to_plain_end);
  });
  return calls;
}

}  // namespace turnout
