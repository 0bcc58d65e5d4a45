#include "scenarios/load.h"

#include "scenarios/server_source.h"
#include "scenarios/threshold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

Scenario loaded(const std::string& text) {
  ScenarioLoad load = parseScenario(text);
  if (const auto* problems = std::get_if<ScenarioProblems>(&load)) {
    ADD_FAILURE() << problemsText("f", *problems);
    return {};
  }
  return std::get<LoadedScenario>(load).scenario;
}

// As a person sees them, for a file named "f"; empty: it loaded.
std::string problemsOfFile(const std::string& text) {
  const ScenarioLoad load = parseScenario(text);
  const auto* problems = std::get_if<ScenarioProblems>(&load);
  return problems ? problemsText("f", *problems) : "";
}

std::string problemsOfArm(const std::string& arm) {
  return problemsOfFile(R"({"name": "x", "turn": [)" + arm + "]}");
}

std::string problemsOfServer(const std::string& server) {
  return problemsOfArm(R"({"name": "a", "ice_servers": [)" + server + "]}");
}

TEST(LoadScenario, ANameIsEnoughAndTheRestHasDefaults) {
  const Scenario scenario = loaded(R"({"name": "x"})");
  EXPECT_EQ(scenario.name, "x");
  EXPECT_EQ(scenario.seed, 1U);
  EXPECT_EQ(scenario.profile, "fast");
  EXPECT_EQ(scenario.calls_per_arm, 10);
  EXPECT_EQ(scenario.shape.bots, 2);
  EXPECT_EQ(scenario.hold, 2000ms);
  EXPECT_EQ(scenario.rate_per_s, 2);
  EXPECT_EQ(scenario.arrival_shape, ArrivalShape::kPoisson);
  EXPECT_EQ(scenario.media, MediaProfile{});
  ASSERT_EQ(scenario.turn.size(), 1U);
  EXPECT_EQ(scenario.turn[0].name, "direct");
  EXPECT_TRUE(scenario.turn[0].ice_servers.empty());
  EXPECT_EQ(scenario.deadlines.connect, 15s);
  ASSERT_EQ(scenario.thresholds.size(), 1U) << "judged by success where nothing else is named";
  EXPECT_EQ(scenario.thresholds[0].key, "success_rate{turn:*}");
  EXPECT_TRUE(scenario.thresholds[0].is_implied);
}

TEST(LoadScenario, ReadsEveryKey) {
  const Scenario scenario = loaded(R"({
    "$schema": "schema/scenario.schema.json", "name": "all", "description": "d", "seed": 7,
    "profile": "browser",
    "calls": {"per_arm": 3, "bots": 4, "hold_ms": 500},
    "arrival": {"rate_per_s": 0.5, "shape": "even"},
    "media": {"audio": {"codec": "opus", "bitrate_bps": 24000, "expect": "sendonly"},
              "video": {"codec": "vp8", "width_px": 640, "height_px": 360, "frames_per_s": 30,
                        "bitrate_bps": 500000}},
    "turn": [{"name": "t", "policy": "relay", "ice_servers": [
      {"urls": ["turns:turn.example.net", "stun:192.0.2.1"], "username": "u", "credential": "c",
       "relay_family": "ipv6", "tls": {"verify": false, "ca_file": "ca.pem"}},
      {"url": "turn:{coturn-rest}", "rest": {"secret": "s", "ttl_s": 60}}]}],
    "deadlines": {"join_ms": 1, "connect_ms": 2, "first_media_ms": 3, "leave_ms": 4},
    "repetitions": 2, "hosts": 3, "local_addresses": ["192.0.2.7", "::1"], "server_requests_per_s": 50,
    "thresholds": {"success_rate": ["rate>=0.95"], "connect_time{turn:t}": ["p(95)<5000", "med<900"]}
  })");
  EXPECT_EQ(scenario.description, "d");
  EXPECT_EQ(scenario.seed, 7U);
  EXPECT_EQ(scenario.profile, "browser");
  EXPECT_EQ(scenario.calls_per_arm, 3);
  EXPECT_EQ(scenario.shape.bots, 4);
  EXPECT_EQ(scenario.hold, 500ms);
  EXPECT_EQ(scenario.rate_per_s, 0.5);
  EXPECT_EQ(scenario.arrival_shape, ArrivalShape::kEven);
  EXPECT_EQ(scenario.media.audio->bitrate_bps, 24'000);
  EXPECT_EQ(scenario.media.audio->expect, MediaDirection::kSendOnly);
  EXPECT_EQ(scenario.media.video, (VideoProfile{.codec = "vp8",
                                                .width_px = 640,
                                                .height_px = 360,
                                                .frames_per_s = 30,
                                                .bitrate_bps = 500'000}));
  ASSERT_EQ(scenario.turn.size(), 1U);
  EXPECT_TRUE(scenario.turn[0].relay_only);
  ASSERT_EQ(scenario.turn[0].ice_servers.size(), 2U);
  const ScenarioServer& first = scenario.turn[0].ice_servers[0];
  EXPECT_EQ(first.urls, (std::vector<std::string>{"turns:turn.example.net", "stun:192.0.2.1"}));
  EXPECT_EQ(first.username, "u");
  EXPECT_EQ(first.credential, Secret("c"));
  EXPECT_EQ(first.relay_family, RelayFamily::kIpv6);
  EXPECT_FALSE(first.tls_verify);
  EXPECT_EQ(first.tls_ca_file, "ca.pem");
  const ScenarioServer& second = scenario.turn[0].ice_servers[1];
  EXPECT_EQ(second.urls, std::vector<std::string>{"turn:{coturn-rest}"});
  EXPECT_EQ(second.rest_secret, Secret("s"));
  EXPECT_EQ(second.rest_ttl, 60s);
  EXPECT_EQ(scenario.deadlines.join, 1ms);
  EXPECT_EQ(scenario.deadlines.connect, 2ms);
  EXPECT_EQ(scenario.deadlines.first_media, 3ms);
  EXPECT_EQ(scenario.deadlines.leave, 4ms);
  EXPECT_EQ(scenario.repetitions, 2);
  EXPECT_EQ(scenario.hosts, 3);
  EXPECT_EQ(scenario.local_addresses, (std::vector<std::string>{"192.0.2.7", "::1"}));
  EXPECT_EQ(scenario.server_requests_per_s, 50);
  ASSERT_EQ(scenario.thresholds.size(), 3U);
  EXPECT_EQ(scenario.thresholds[2].expression, "med<900");
}

TEST(LoadScenario, SpacingIsTheRateSaidOtherwise) {
  EXPECT_EQ(loaded(R"({"name": "x", "arrival": {"spacing_ms": 250}})").rate_per_s, 4);
}

TEST(LoadScenario, NullAndNoneSwitchMediaOff) {
  const Scenario audio = loaded(R"({"name": "x", "media": {"video": null}})");
  EXPECT_TRUE(audio.media.audio);
  EXPECT_FALSE(audio.media.video);
  const Scenario none = loaded(R"({"name": "x", "media": "none"})");
  EXPECT_FALSE(none.media.audio);
  EXPECT_FALSE(none.media.video);
}

TEST(LoadScenario, KeepsTheTextAsItWas) {
  const std::string text = "{\n  \"name\": \"x\"\n}\n";
  const ScenarioLoad load = parseScenario(text);
  EXPECT_EQ(std::get<LoadedScenario>(load).text, text);
}

TEST(LoadScenario, ReportsEveryProblemAtOnce) {
  EXPECT_EQ(problemsOfFile(R"({"sed": 1, "calls": {"bots": 9, "hold_ms": "2 s"},
                           "turn": [{"ice_servers": [{"urls": "http://x"}]}]})"),
            "f: sed: unknown key (did you mean \"seed\"?)\n"
            "f: \"name\" is missing\n"
            "f: calls.bots: expected an integer 1..8, got 9\n"
            "f: calls.hold_ms: expected an integer 0..3600000, got \"2 s\"\n"
            "f: turn[0]: \"name\" is missing\n"
            "f: turn[0].ice_servers[0].urls: server URL http://x: the scheme is not stun:, turn: "
            "or turns:\n");
}

TEST(LoadScenario, NamesLineAndColumnOfASyntaxError) {
  EXPECT_EQ(problemsOfFile("{\n  \"name\" \"x\"\n}"),
            "f:2:10: expected ':' after the key, got '\"'\n");
}

TEST(LoadScenario, RefusesAKeyGivenTwice) {
  EXPECT_EQ(problemsOfFile("{\"name\": \"x\",\n \"name\": \"y\"}"),
            "f:2:2: key \"name\" is given twice in one object\n");
}

TEST(LoadScenario, RefusesADocumentThatIsNoObject) {
  EXPECT_EQ(problemsOfFile("[]"), "f: expected an object, got an array\n");
}

TEST(LoadScenario, SaysWhyAFileCannotBeRead) {
  const ScenarioLoad load = loadScenario("no/such/file.json");
  ASSERT_TRUE(std::holds_alternative<ScenarioProblems>(load));
  EXPECT_THAT(std::get<ScenarioProblems>(load).at(0).message, testing::HasSubstr("No such file"));
}

TEST(LoadScenario, UnknownKeysNameTheNearestOrAllKnown) {
  EXPECT_EQ(problemsOfFile(R"({"name": "x", "calls": {"per_amr": 1}})"),
            "f: calls.per_amr: unknown key (did you mean \"per_arm\"?)\n");
  EXPECT_EQ(problemsOfFile(R"({"name": "x", "calls": {"volume": 1}})"),
            "f: calls.volume: unknown key (known: kind, per_arm, bots, guests, caller, "
            "answer_after_ms, hold_ms, placement)\n");
}

TEST(LoadScenario, ACallIsMadeOfBotsAndGuestsAsItsKindAllows) {
  EXPECT_EQ(loaded(R"({"name": "x", "calls": {"kind": "match"}})").shape.bots, 1);
  const Scenario guests = loaded(R"({"name": "x", "calls": {"guests": 1}})");
  EXPECT_EQ(guests.shape.bots, 1);
  EXPECT_EQ(guests.shape.participants(), 2);
  EXPECT_EQ(problemsOfFile(R"({"name": "x", "calls": {"kind": "call", "bots": 3}})"),
            "f: calls: a call has two participants, here are 3 bots and 0 guests\n");
  EXPECT_EQ(problemsOfFile(R"({"name": "x", "calls": {"bots": 1}})"),
            "f: calls: a room has 2..8 participants, here are 1 bots and 0 guests\n");
  EXPECT_EQ(problemsOfFile(R"({"name": "x", "calls": {"kind": "match", "per_arm": 3}})"),
            "f: calls.per_arm: expected an even number, or the last seeker finds nobody (guests "
            "come by themselves)\n");
}

TEST(LoadScenario, StepsNameBotsThatExistAndFitTheKindOfCall) {
  const Scenario scenario = loaded(
      R"({"name": "x", "steps": [{"do": "refresh", "bot": 1, "after": "connected",
          "delay_ms": 500, "away_ms": 800, "share": 0.5}]})");
  ASSERT_EQ(scenario.steps.size(), 1u);
  EXPECT_EQ(scenario.steps[0].kind, StepKind::kRefresh);
  EXPECT_EQ(scenario.steps[0].after, StepTrigger::kConnected);
  EXPECT_EQ(scenario.steps[0].bot, 1);
  EXPECT_EQ(scenario.steps[0].away, 800ms);
  EXPECT_EQ(problemsOfFile(R"({"name": "x", "steps": [{"bot": 2, "do": "leave"},
                           {"do": "next_partner"}, {"do": "refesh"}]})"),
            "f: steps[2].do: expected \"refresh\" or \"tab_kill\" or \"leave\" or \"next_partner\" "
            "or \"rapid_retries\" or \"network_drop\" or \"loss\" or \"address_change\" or "
            "\"signaling_drop\" or \"bot_crash\", got \"refesh\" (did you mean \"refresh\"?)\n"
            "f: steps[0].bot: a call has bots 0..1\n"
            "f: steps[1].do: \"next_partner\" needs \"calls.kind\" \"match\"\n");
}

TEST(LoadScenario, FaultsOfTheNetworkAreStepsWithKeysOfTheirOwn) {
  const Scenario scenario = loaded(R"({"name": "x", "steps": [
      {"do": "loss", "percent": 2.5, "direction": "incoming", "for_ms": 3000},
      {"do": "rapid_retries", "times": 8, "every_ms": 150},
      {"do": "signaling_drop", "cut": "silent"},
      {"do": "address_change", "address": "127.0.0.7"}]})");
  ASSERT_EQ(scenario.steps.size(), 4u);
  EXPECT_EQ(scenario.steps[0].loss_percent, 2.5);
  EXPECT_EQ(scenario.steps[0].direction, LossDirection::kIncoming);
  EXPECT_EQ(scenario.steps[0].lasting, 3000ms);
  EXPECT_EQ(scenario.steps[1].times, 8);
  EXPECT_EQ(scenario.steps[1].every, 150ms);
  EXPECT_EQ(scenario.steps[2].cut, SocketCut::kSilent);
  EXPECT_EQ(scenario.steps[3].address, "127.0.0.7");
  EXPECT_EQ(problemsOfFile(R"({"name": "x", "steps": [{"do": "refresh", "percent": 3},
                           {"do": "address_change", "address": "wifi"}]})"),
            "f: steps[0].percent: is of no use to \"refresh\"\n"
            "f: steps[1].address: expected an IP address, got \"wifi\"\n");
}

TEST(LoadScenario, MessagesAreInsteadOfMedia) {
  const Scenario scenario = loaded(R"({"name": "x", "messages": {"rate_per_s": 4}})");
  ASSERT_TRUE(scenario.messages);
  EXPECT_EQ(scenario.messages->rate_per_s, 4);
  EXPECT_FALSE(scenario.media.audio || scenario.media.video);
  EXPECT_EQ(problemsOfFile(R"({"name": "x", "media": {"video": null}, "messages": {}})"),
            "f: media: \"messages\" are instead of peer connections: expected \"none\"\n");
}

TEST(LoadScenario, TheServerOfTheRunCanBeToldToMakeMistakes) {
  const Scenario scenario =
      loaded(R"({"name": "x", "session": {"grace_ms": 3000, "bugs": ["stale-id"]}})");
  EXPECT_EQ(scenario.session.grace, 3000ms);
  EXPECT_EQ(scenario.session.bugs, std::vector<std::string>{"stale-id"});
  EXPECT_THAT(problemsOfFile(R"({"name": "x", "session": {"bugs": ["stale"]}})"),
              testing::HasSubstr("f: session.bugs[0]: expected "));
}

TEST(LoadScenario, KeysThatCouldHarmATerminalAreEscaped) {
  EXPECT_EQ(problemsOfFile("{\"name\": \"x\", \"calls\": {\"a\\u001b[31m\": 1}}"),
            "f: calls[\"a\\u001b[31m\"]: unknown key (known: kind, per_arm, bots, guests, caller, "
            "answer_after_ms, hold_ms, placement)\n");
}

TEST(LoadScenario, ChecksTypesAndRanges) {
  struct Row {
    const char* section;
    const char* problem;
  };
  for (
      const Row& row : {
          Row{R"("seed": -1)", "seed: expected an integer 0..9007199254740991, got -1"},
          Row{R"("seed": 1.5)", "seed: expected an integer 0..9007199254740991, got 1.5"},
          Row{R"("calls": 3)", "calls: expected an object, got 3"},
          Row{R"("calls": {"per_arm": 0})", "calls.per_arm: expected an integer 1..100000, got 0"},
          Row{R"("calls": {"per_arm": true})",
              "calls.per_arm: expected an integer 1..100000, got true"},
          Row{R"("calls": {"per_arm": null})",
              "calls.per_arm: expected an integer 1..100000, got null"},
          Row{R"("calls": {"per_arm": 100000}, "repetitions": 1000)",
              "calls: per_arm x arms x repetitions is 100000000 calls, more than 1000000"},
          Row{R"("arrival": {"rate_per_s": 1e999})",
              "arrival.rate_per_s: expected a number 0.01..1000, got a number"},
          Row{R"("arrival": {"rate_per_s": 2, "spacing_ms": 500})",
              R"(arrival: expected "rate_per_s" or "spacing_ms", got both)"},
          Row{R"("arrival": {"shape": "poison"})",
              R"(arrival.shape: expected "poisson" or "even", got "poison" (did you mean "poisson"?))"},
          Row{R"("media": "nothing")", R"(media: expected an object or "none", got "nothing")"},
          Row{R"("media": {"audio": "opus"})", R"(media.audio: expected an object, got "opus")"},
          Row{R"("media": {"video": {"codec": "h264"}})",
              R"(media.video.codec: expected "vp8", got "h264")"},
          Row{R"("profile": 1)", R"(profile: expected "fast" or "browser", got 1)"},
          Row{R"("description": "")",
              R"(description: expected a string that is not empty, got "")"},
          Row{R"("turn": [])", "turn: expected an array of 1..64 elements, got 0"},
          Row{R"("turn": {})", "turn: expected an array, got an object"},
          Row{R"("turn": ["x"])", R"(turn[0]: expected an object, got "x")"},
          Row{R"("turn": [{"name": "a b"}])",
              R"(turn[0].name: expected a name of 1 to 64 letters, digits, '.', '_' or '-', got "a b")"},
          Row{R"("deadlines": {"join_ms": 0})",
              "deadlines.join_ms: expected an integer 1..3600000, got 0"},
          Row{R"("hosts": 65)", "hosts: expected an integer 0..64, got 65"},
      })
    EXPECT_EQ(problemsOfFile(std::string(R"({"name": "x", )") + row.section + "}"),
              std::string("f: ") + row.problem + "\n");
}

TEST(LoadScenario, BotsApartNeedAHostEach) {
  const auto problemsWith = [](const char* hosts) {
    return problemsOfFile(R"({"name": "x", "calls": {"bots": 3, "placement": "apart"}, "hosts": )" +
                          std::string(hosts) + "}");
  };
  EXPECT_EQ(problemsWith("2"),
            "f: calls.placement: \"apart\" needs a host for each of the 3 bots of a call, and "
            "\"hosts\" is 2\n");
  EXPECT_EQ(problemsWith("3"), "");
  EXPECT_EQ(problemsWith("0"), "") << "as many as it takes";
}

TEST(LoadScenario, ArmsHaveDifferentNames) {
  EXPECT_EQ(problemsOfArm(R"({"name": "a"}, {"name": "b"}, {"name": "a"})"),
            "f: turn[2].name: the name \"a\" is that of turn[0]\n");
}

TEST(LoadScenario, RelayPolicyNeedsATurnServer) {
  EXPECT_EQ(problemsOfArm(R"({"name": "a", "policy": "relay"})"),
            "f: turn[0].policy: \"relay\" needs a TURN server in \"ice_servers\"\n");
  EXPECT_EQ(problemsOfArm(
                R"({"name": "a", "policy": "relay", "ice_servers": [{"urls": "stun:{coturn}"}]})"),
            "f: turn[0].policy: \"relay\" needs a TURN server in \"ice_servers\"\n");
}

TEST(LoadScenario, TheOtherEndMayDiffer) {
  const Scenario scenario = loaded(R"({"name": "x", "turn": [
    {"name": "same", "policy": "relay", "ice_servers": [{"urls": "turn:{coturn}"}]},
    {"name": "plain", "policy": "relay", "ice_servers": [{"urls": "turn:{coturn}"}],
     "callee": {"policy": "all", "ice_servers": []}},
    {"name": "reverse", "ice_servers": [{"urls": "turn:{coturn}"}], "callee": {"policy": "relay"}}]})");
  EXPECT_FALSE(scenario.turn[0].callee);
  ASSERT_TRUE(scenario.turn[1].callee);
  EXPECT_FALSE(scenario.turn[1].callee->relay_only);
  EXPECT_FALSE(scenario.turn[1].callee->has_servers);
  ASSERT_TRUE(scenario.turn[2].callee);
  EXPECT_TRUE(scenario.turn[2].callee->relay_only);
  EXPECT_TRUE(scenario.turn[2].callee->has_servers);
}

TEST(LoadScenario, TheOtherEndHasTheArmsServersOrNoneAndNeedsThemToRelay) {
  EXPECT_THAT(problemsOfArm(R"({"name": "a", "callee": {"ice_servers": [{"urls": "stun:s"}]}})"),
              testing::HasSubstr("turn[0].callee.ice_servers: expected []"));
  EXPECT_EQ(problemsOfArm(R"({"name": "a", "ice_servers": [{"urls": "turn:{coturn}"}],
                              "callee": {"policy": "relay", "ice_servers": []}})"),
            "f: turn[0].callee.policy: \"relay\" needs a TURN server, and it has none\n");
}

TEST(LoadScenario, TurnNeedsCredentialsUnlessTheRunStartsTheServer) {
  const std::string needs =
      "f: turn[0].ice_servers[0].urls: a TURN server needs \"username\" and \"credential\", or "
      "\"rest\"\n";
  EXPECT_EQ(problemsOfServer(R"({"urls": "turn:turn.example.net"})"), needs);
  EXPECT_EQ(problemsOfServer(R"({"urls": "turn:{coturn}"})"), "");
  EXPECT_EQ(problemsOfServer(R"({"urls": "turns:{coturn-rest}"})"), "");
  EXPECT_EQ(problemsOfServer(R"({"urls": "stun:stun.example.net"})"), "");
  EXPECT_EQ(
      problemsOfServer(R"({"urls": "turn:turn.example.net", "username": "u", "credential": "c"})"),
      "");
  EXPECT_EQ(problemsOfServer(R"({"urls": "turn:turn.example.net", "rest": {"secret": "s"}})"), "");
}

TEST(LoadScenario, CredentialsComeInOneWayAndWhole) {
  EXPECT_EQ(problemsOfServer(R"({"urls": "turn:{coturn}", "username": "u"})"),
            "f: turn[0].ice_servers[0]: \"username\" without \"credential\"\n");
  EXPECT_EQ(problemsOfServer(R"({"urls": "turn:{coturn}", "credential": "c"})"),
            "f: turn[0].ice_servers[0]: \"credential\" without \"username\"\n");
  EXPECT_EQ(problemsOfServer(R"({"urls": "turn:{coturn}", "username": "u", "credential": "c",
                                 "rest": {"secret": "s"}})"),
            "f: turn[0].ice_servers[0]: expected either \"rest\" or \"username\" and "
            "\"credential\", got both\n");
  EXPECT_EQ(problemsOfServer(R"({"urls": ["turn:{coturn}", "turn:{coturn-rest}"]})"),
            "f: turn[0].ice_servers[0].urls[1]: {coturn} and {coturn-rest} have different "
            "credentials: use two entries\n");
  EXPECT_EQ(problemsOfServer(R"({"urls": ["turn:{coturn}", "turn:{coturn-2}"]})"),
            "f: turn[0].ice_servers[0].urls[1]: {coturn} and {coturn-2} have different "
            "credentials: use two entries\n");
  EXPECT_EQ(problemsOfServer(R"({"urls": "turn:{coturn}", "rest": {}})"),
            "f: turn[0].ice_servers[0].rest: \"secret\" is missing\n");
}

TEST(LoadScenario, TheSecretOfAServerOfTheRunNeedNotBeGiven) {
  const Scenario scenario = loaded(R"({"name": "x", "turn": [{"name": "t", "ice_servers": [
      {"urls": "turn:{coturn-rest}", "rest": {"ttl_s": 5, "renew": false}}]}]})");
  const ScenarioServer& server = scenario.turn.at(0).ice_servers.at(0);
  EXPECT_EQ(server.rest_ttl, 5s);
  EXPECT_FALSE(server.rest_renew);
  EXPECT_TRUE(ScenarioServer{}.rest_renew);
}

TEST(LoadScenario, CredentialsMayBeNamedByTheirEnvironmentVariables) {
  const Scenario scenario = loaded(R"({"name": "x", "turn": [{"name": "t", "ice_servers": [
      {"urls": "turn:turn.example.net", "username": "u", "credential_env": "PASSWORD"},
      {"urls": "turn:turn.example.net", "rest": {"secret_env": "SHARED"}}]}]})");
  EXPECT_EQ(scenario.turn.at(0).ice_servers.at(0).credential_env, "PASSWORD");
  EXPECT_EQ(scenario.turn.at(0).ice_servers.at(1).rest_secret_env, "SHARED");
  EXPECT_EQ(problemsOfServer(R"({"urls": "turn:turn.example.net", "credential_env": "A"})"),
            "f: turn[0].ice_servers[0]: \"credential\" without \"username\"\n");
  EXPECT_EQ(problemsOfServer(R"({"urls": "turn:turn.example.net", "username": "u",
                                 "credential": "c", "credential_env": "A"})"),
            "f: turn[0].ice_servers[0]: expected either \"credential\" or \"credential_env\", "
            "got both\n");
  EXPECT_EQ(problemsOfServer(R"({"urls": "turn:turn.example.net",
                                 "rest": {"secret": "s", "secret_env": "A"}})"),
            "f: turn[0].ice_servers[0].rest: expected either \"secret\" or \"secret_env\", got "
            "both\n");
}

TEST(LoadScenario, NoMessageQuotesACredential) {
  const std::string text = problemsOfServer(
      R"({"urls": ["turn:u:hunter2@h", "turn:u:hunter2@{coturm}"], "credential": 77777777,
          "rest": {"secret": ["hunter2"]}})");
  EXPECT_NE(text, "");
  EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  EXPECT_EQ(text.find("77777777"), std::string::npos) << text;
}

TEST(LoadScenario, ChecksEveryUrlOfAnEntry) {
  EXPECT_EQ(problemsOfServer(R"({"urls": ["stun:a.example.net", 5, "stun:b:0"]})"),
            "f: turn[0].ice_servers[0].urls[1]: expected a URL such as "
            "\"turn:turn.example.net:3478?transport=udp\", got 5\n"
            "f: turn[0].ice_servers[0].urls[2]: server URL stun:b:0: the port is not a number in "
            "1..65535\n");
  EXPECT_EQ(problemsOfServer(R"({"urls": []})"),
            "f: turn[0].ice_servers[0].urls: expected an array of 1..16 elements, got 0\n");
  EXPECT_EQ(problemsOfServer("{}"), "f: turn[0].ice_servers[0]: \"urls\" is missing\n");
  EXPECT_EQ(problemsOfServer(R"({"urls": "stun:a", "url": "stun:a"})"),
            "f: turn[0].ice_servers[0]: \"url\" is an older name of \"urls\": give one of them\n");
}

TEST(LoadScenario, PlaceholdersStandAloneAndAreKnown) {
  EXPECT_EQ(problemsOfServer(R"({"urls": "turn:{cotrun}"})"),
            "f: turn[0].ice_servers[0].urls: unknown placeholder \"{cotrun}\" (did you mean "
            "\"{coturn}\"?)\n");
  EXPECT_EQ(problemsOfServer(R"({"urls": "turn:{coturn}:3478"})"),
            "f: turn[0].ice_servers[0].urls: {coturn} stands for host and port: expected "
            "\"turn:{coturn}\" or \"turn:{coturn}?transport=udp\"\n");
  EXPECT_EQ(problemsOfServer(R"({"urls": "turn:{coturn"})"),
            "f: turn[0].ice_servers[0].urls: a brace without its pair\n");
  EXPECT_EQ(problemsOfServer(R"({"urls": "turn:{coturn}?transport=quic"})"),
            "f: turn[0].ice_servers[0].urls: server URL turn:{coturn}?transport=quic: transport is "
            "udp or tcp; for TLS write turns:\n");
}

TEST(LoadScenario, TlsIsForTurnsUrls) {
  EXPECT_EQ(problemsOfServer(R"({"urls": "turn:{coturn}", "tls": {"verify": false}})"),
            "f: turn[0].ice_servers[0].tls: applies to \"turns:\" URLs, and none is given here\n");
}

TEST(LoadScenario, ThresholdsNameKnownMeasuresAndArms) {
  EXPECT_EQ(problemsOfFile(R"({"name": "x", "turn": [{"name": "turn-udp"}], "thresholds": {
                "conect_time": ["max<1", "min<1"],
                "connect_time{turn:turn-upd}": ["max<1", "min<1"],
                "connect_time{turn:*}": ["p95<1"],
                "success_rate": "rate>=1",
                "schedule_lag": [],
                "signaling_time": [5]}})"),
            "f: thresholds.conect_time: unknown measure \"conect_time\" (did you mean "
            "\"connect_time\"?)\n"
            "f: thresholds[\"connect_time{turn:*}\"][0]: unknown aggregate \"p95\" (did you mean "
            "\"p(95)\"?)\n"
            "f: thresholds.success_rate: expected an array, got \"rate>=1\"\n"
            "f: thresholds.schedule_lag: expected an array of 1..100 elements, got 0\n"
            "f: thresholds.signaling_time[0]: expected a string that is not empty, got 5\n"
            "f: thresholds[\"connect_time{turn:turn-upd}\"]: no arm is named \"turn-upd\" (did you "
            "mean \"turn-udp\"?)\n");
}

TEST(LoadScenario, ThresholdsMayBeNamedSetsAndTheEstimateMayDecide) {
  const auto loaded = parseScenario(R"({"name": "x", "turn": [{"name": "stun"}, {"name": "udp"}],
      "thresholds": ["targets{turn:udp}", {"success_rate": [
          "rate>=0.7", {"threshold": "rate>=0.9", "rule": "estimate"}]}]})");
  ASSERT_TRUE(std::holds_alternative<LoadedScenario>(loaded));
  const auto& thresholds = std::get<LoadedScenario>(loaded).scenario.thresholds;
  ASSERT_EQ(thresholds.size(), 7u);
  EXPECT_EQ(thresholds[0].key, "success_rate{turn:udp}");
  EXPECT_EQ(thresholds[0].expression, "rate>=0.9");
  EXPECT_EQ(thresholds[1].aggregate, Aggregate::kMean);
  EXPECT_EQ(thresholds[5].rule, ThresholdRule::kInterval);
  EXPECT_EQ(thresholds[6].rule, ThresholdRule::kEstimate);
}

TEST(LoadScenario, NamesTheSetThatWasMeant) {
  EXPECT_EQ(problemsOfFile(R"({"name": "x", "turn": [{"name": "udp"}], "thresholds": [
                "alert", "targets{turn:upd}", "alerts{who}", 5,
                {"success_rate": [{"threshold": "rate>=0.9", "rule": "estimat"}]}]})"),
            "f: thresholds[0]: no set of thresholds is named \"alert\" (did you mean \"alerts\"?)\n"
            "f: thresholds[2]: expected {turn:NAME} or {turn:*} after the measure, got \"{who}\"\n"
            "f: thresholds[3]: expected a string that is not empty, got 5\n"
            "f: thresholds[4].success_rate[0].rule: expected \"interval\" or \"estimate\", got "
            "\"estimat\" (did you mean \"estimate\"?)\n"
            "f: thresholds[1]: no arm is named \"upd\" (did you mean \"udp\"?)\n");
}

TEST(LoadScenario, EverySetIsOfKnownMeasures) {
  for (const ThresholdSet& set : thresholdSets()) {
    const auto thresholds = thresholdsOfSet(set.name);
    ASSERT_TRUE(thresholds) << thresholds.error().what;
    EXPECT_EQ(thresholds->size(), set.rows.size());
    for (const Threshold& threshold : *thresholds)
      EXPECT_EQ(threshold.arm, "*");
  }
}

TEST(LoadScenario, ARunMayOnlyGrowTowardsADecision) {
  const auto of = [](const char* extend, const char* more) {
    return problemsOfFile(R"({"name": "x", "calls": {"per_arm": 10}, "extend": )" +
                          std::string(extend) + more + "}");
  };
  constexpr const char* kRate = R"(, "thresholds": {"success_rate": ["rate>=0.9"]})";
  EXPECT_EQ(of(R"({"until": "decided", "max_calls": 11})", kRate), "");
  EXPECT_EQ(of(R"({"until": "decided", "max_calls": 10})", kRate),
            "f: extend.max_calls: an arm has 10 calls to begin with; expected more\n");
  EXPECT_EQ(of(R"({"max_calls": 20})", kRate), "f: extend: \"until\" is missing\n");
  EXPECT_EQ(of(R"({"until": "decided", "max_calls": 20})",
               R"(, "thresholds": {"success_rate": ["rate>=1"]})"),
            "f: extend: no threshold can stay open: they are about each call, or judged by the "
            "estimate\n");
}

TEST(Placeholder, IsFoundByItsNameAndNumberAndReplaced) {
  using Kind = Placeholder::Kind;
  EXPECT_EQ(placeholderOf("turn:{coturn}?transport=udp"), Placeholder{Kind::kCoturn});
  EXPECT_EQ(placeholderOf("turns:{coturn-rest}"), Placeholder{Kind::kCoturnRest});
  EXPECT_EQ(placeholderOf("turn:{coturn-quota}"), Placeholder{Kind::kCoturnQuota});
  EXPECT_EQ(placeholderOf("turn:{coturn-2}"), (Placeholder{Kind::kCoturn, 2}));
  EXPECT_EQ(placeholderOf("turn:{coturn-rest-9}"), (Placeholder{Kind::kCoturnRest, 9}));
  for (const char* url : {"turn:turn.example.net", "turn:{other}", "turn:{coturn-1}",
                          "turn:{coturn-10}", "turn:{}", "turn:{coturn-}"})
    EXPECT_EQ(placeholderOf(url), std::nullopt) << url;
  EXPECT_EQ(withAddress("turn:{coturn}?transport=udp", "127.0.0.1:3478"),
            "turn:127.0.0.1:3478?transport=udp");
  EXPECT_EQ(withAddress("stun:stun.example.net", "127.0.0.1:3478"), "stun:stun.example.net");
}

TEST(LoadScenario, AnArmMayNameSourcesOfServers) {
  const Scenario scenario = loaded(R"({"name": "x", "turn": [{"name": "t", "policy": "relay",
    "ice_servers": [
      {"environment": {"env_file": ".env"}},
      {"file": "servers.json"},
      {"cloudflare": {"key_id": "k1", "token_env": "TOKEN", "ttl_s": 3600, "per": "call",
                      "base_url": "http://127.0.0.1:8080/cf"}, "tls": {"ca_file": "ca.pem"}},
      {"twilio": {"account_sid_env": "SID", "token_file": "twilio.txt"}},
      {"metered": {"app": "ours", "token_env": "KEY"}},
      {"http": {"url": "https://api.example/turn", "method": "POST", "body": {"a": 1},
                "headers_env": {"Authorization": "AUTH"}, "list": "data.iceServers"}}]}]})");
  const auto& servers = scenario.turn.at(0).ice_servers;
  ASSERT_EQ(servers.size(), 6U);
  EXPECT_EQ(std::get<EnvironmentServers>(*servers[0].source).env_file, ".env");
  EXPECT_EQ(std::get<ServerFile>(*servers[1].source).path, "servers.json");
  const auto& cloudflare = std::get<CredentialProvider>(*servers[2].source);
  EXPECT_EQ(cloudflare.kind, ProviderKind::kCloudflare);
  EXPECT_EQ(cloudflare.scope, CredentialScope::kCall);
  EXPECT_EQ(cloudflare.account, "k1");
  EXPECT_EQ(cloudflare.token_env, "TOKEN");
  EXPECT_EQ(cloudflare.ttl, std::chrono::seconds(3600));
  EXPECT_EQ(cloudflare.base_url, "http://127.0.0.1:8080/cf");
  EXPECT_EQ(servers[2].tls_ca_file, "ca.pem");
  EXPECT_EQ(std::get<CredentialProvider>(*servers[3].source).token_file, "twilio.txt");
  EXPECT_EQ(std::get<CredentialProvider>(*servers[4].source).kind, ProviderKind::kMetered);
  const auto& http = std::get<CredentialProvider>(*servers[5].source);
  EXPECT_EQ(http.method, "POST");
  EXPECT_EQ(http.body, R"({"a":1})");
  EXPECT_EQ(http.headers.at(0).name, "Authorization");
  EXPECT_EQ(http.headers.at(0).value_env, "AUTH");
  EXPECT_EQ(http.list_path, "data.iceServers");
}

struct BadSource {
  std::string entry, problem;
};
std::ostream& operator<<(std::ostream& out, const BadSource& row) {
  return out << row.entry;
}

class BadServerSource : public testing::TestWithParam<BadSource> {};

TEST_P(BadServerSource, IsReported) {
  EXPECT_EQ(problemsOfServer(GetParam().entry),
            "f: turn[0].ice_servers[0]" + GetParam().problem + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    LoadScenario, BadServerSource,
    testing::Values(
        BadSource{R"({"file": "a", "urls": "stun:a"})",
                  ".urls: does not go with \"file\", which brings its own"},
        BadSource{R"({"file": "a", "environment": {}})",
                  ".file: comes on top of \"environment\": use two entries"},
        BadSource{R"({"cloudflare": {"token_env": "T"}})",
                  ".cloudflare: \"key_id\" or \"key_id_env\" is missing"},
        BadSource{R"({"twilio": {"account_sid": "a", "token_env": "T", "token_file": "t"}})",
                  ".twilio: expected either \"token_env\" or \"token_file\", got both"},
        BadSource{
            R"({"cloudflare": {"key_id": "k", "token_env": "T", "token": "secret"}})",
            ".cloudflare.token: unknown key (known: key_id, key_id_env, token_env, token_file, "
            "ttl_s, per, base_url)"},
        BadSource{R"({"metered": {"app": "a", "token_env": "T", "base_url": "ftp://x"}})",
                  ".metered.base_url: expected a URL such as \"https://api.example.net\""},
        BadSource{R"({"http": {"url": "https://u:p@x"}})",
                  ".http.url: credentials do not belong into the URL"},
        BadSource{R"({"http": {"url": "https://x", "body": {}}})",
                  ".http.body: needs \"method\": \"POST\" or \"PUT\""},
        BadSource{R"({"http": {"url": "https://x", "headers_env": {"A b": "V"}}})",
                  ".http.headers_env[\"A b\"]: is no name of an HTTP header"}));

TEST(LoadServerList, IsAListAsAnArmHasIt) {
  const auto list = parseServerList(R"([{"urls": "stun:a.example"}, {"file": "b.json"}])");
  ASSERT_TRUE(std::holds_alternative<std::vector<ScenarioServer>>(list));
  EXPECT_EQ(std::get<std::vector<ScenarioServer>>(list).size(), 2U);
  const auto bad = parseServerList(R"([{"urls": "stun:a.example", "rest": 1}])");
  ASSERT_TRUE(std::holds_alternative<ScenarioProblems>(bad));
  EXPECT_EQ(std::get<ScenarioProblems>(bad).at(0).path, "[0].rest");
}

TEST(LoadScenario, IntegersThatDoNotFitAreNotSmallOnes) {
  for (const char* number : {"-18446744073709551614", "18446744073709551618", "1e30"})
    EXPECT_THAT(
        problemsOfFile(R"({"name": "x", "calls": {"per_arm": )" + std::string(number) + "}}"),
        testing::HasSubstr("calls.per_arm: expected an integer 1.."))
        << number;
}

TEST(LoadScenario, TextIsNotCutAndKeysAreComparedAsRead) {
  EXPECT_THAT(problemsOfFile(R"({"name": "x\u0000y"})"), testing::HasSubstr("\\u0000 in a string"));
  EXPECT_THAT(problemsOfFile(R"({"name": "x", "n\u0061me": "y"})"),
              testing::HasSubstr("\"name\" is given twice"));
}

TEST(LoadScenario, ManyUnknownKeysAreToldInFewWords) {
  std::string text = R"({"name": "x")";
  for (int i = 0; i < 20'000; i++)
    text += ", \"key" + std::to_string(i) + "\": 1";
  const std::string told = problemsOfFile(text + ", \"" + std::string(5000, 'k') + "\": 1}");
  EXPECT_LT(told.size(), 6000u);
  EXPECT_THAT(told, testing::HasSubstr("and 19981 more unknown keys"));
}

}  // namespace
}  // namespace turnout
