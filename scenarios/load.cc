#include "scenarios/load.h"

#include "pipelines/base/files.h"
#include "pipelines/base/json.h"
#include "scenarios/sections.h"
#include "scenarios/strict_reader.h"

#include <algorithm>
#include <string_view>

#include <gio/gio.h>

namespace turnout {
namespace {

constexpr std::int64_t kMaxSeed = (1LL << 53) - 1;  // exact in any JSON reader
constexpr std::int64_t kMaxCalls = 1'000'000;
constexpr double kMinRate = 0.01, kMaxRate = 1000;  // calls per second

struct ArrivalDraft {
  std::optional<double> rate_per_s, spacing_ms;
  ArrivalShape shape;
};

Keys<ArrivalDraft> arrivalKeys() {
  return {number("rate_per_s", &ArrivalDraft::rate_per_s, {kMinRate, kMaxRate}),
          number("spacing_ms", &ArrivalDraft::spacing_ms, {1000 / kMaxRate, 1000 / kMinRate}),
          choice("shape", &ArrivalDraft::shape,
                 {{"poisson", ArrivalShape::kPoisson}, {"even", ArrivalShape::kEven}})};
}

void readArrival(const Place& place, Scenario& scenario) {
  ArrivalDraft draft{.rate_per_s = {}, .spacing_ms = {}, .shape = scenario.arrival_shape};
  readObject(place, arrivalKeys(), draft);
  if (draft.rate_per_s && draft.spacing_ms)
    place.problem("expected \"rate_per_s\" or \"spacing_ms\", got both");
  scenario.arrival_shape = draft.shape;
  scenario.rate_per_s =
      draft.spacing_ms ? 1000 / *draft.spacing_ms : draft.rate_per_s.value_or(scenario.rate_per_s);
}

template <class Profile>
Key<Profile> expectKey() {
  std::vector<std::pair<std::string, std::optional<MediaDirection>>> words;
  for (const auto direction : {MediaDirection::kSendRecv, MediaDirection::kSendOnly,
                               MediaDirection::kRecvOnly, MediaDirection::kInactive})
    words.emplace_back(toString(direction), direction);
  return choice("expect", &Profile::expect, std::move(words));
}

Keys<AudioProfile> audioKeys() {
  return {choice("codec", &AudioProfile::codec, {{"opus", std::string("opus")}}),
          integer("bitrate_bps", &AudioProfile::bitrate_bps, {6'000, 510'000}),
          expectKey<AudioProfile>()};
}

Keys<VideoProfile> videoKeys() {
  return {choice("codec", &VideoProfile::codec, {{"vp8", std::string("vp8")}}),
          integer("width_px", &VideoProfile::width_px, {16, 1920}),
          integer("height_px", &VideoProfile::height_px, {16, 1080}),
          integer("frames_per_s", &VideoProfile::frames_per_s, {1, 60}),
          integer("bitrate_bps", &VideoProfile::bitrate_bps, {10'000, 10'000'000}),
          expectKey<VideoProfile>()};
}

Keys<MediaProfile> mediaKeys() {
  return {objectOrNull("audio", &MediaProfile::audio, audioKeys()),
          objectOrNull("video", &MediaProfile::video, videoKeys())};
}

void readMedia(const Place& place, Scenario& scenario) {
  if (place.value.isObject())
    readObject(place, mediaKeys(), scenario.media);
  else if (place.value.asString() == "none")
    scenario.media = {.audio = std::nullopt, .video = std::nullopt};
  else
    place.expected("an object or \"none\"");
}

Keys<Scenario::Deadlines> deadlineKeys() {
  using Deadlines = Scenario::Deadlines;
  constexpr Range<std::int64_t> kRange{1, kHourMs};
  return {integer("join_ms", &Deadlines::join, kRange),
          integer("connect_ms", &Deadlines::connect, kRange),
          integer("first_media_ms", &Deadlines::first_media, kRange),
          integer("wait_ms", &Deadlines::wait, kRange),
          integer("recover_ms", &Deadlines::recover, kRange),
          integer("leave_ms", &Deadlines::leave, kRange)};
}

// "all", or IP literals.
void readLocalAddresses(const Place& place, Scenario& scenario) {
  if (place.value.asString()) {
    if (readWord(place, {kAllAddresses}))
      scenario.local_addresses = {kAllAddresses};
    return;
  }
  for (const Place& element : readList(place, {1, 16})) {
    const auto literal = element.value.asString();
    if (!literal || g_hostname_is_ip_address(literal->c_str()) == FALSE)
      element.expected("an IPv4 or IPv6 address");
    else
      scenario.local_addresses.push_back(*literal);
  }
}

Keys<Scenario> topKeys() {
  const auto ignored = [](const Place& place, Scenario&) { readText(place); };  // for editors
  return {{"$schema", ignored},
          required(plainName("name", &Scenario::name)),
          text("description", &Scenario::description),
          integer("seed", &Scenario::seed, {0, kMaxSeed}),
          choice("profile", &Scenario::profile,
                 {{"fast", std::string("fast")}, {"browser", std::string("browser")}}),
          callsSection(),
          {"arrival", readArrival, keyNames(arrivalKeys(), ".")},
          {"media", readMedia, keyNames(mediaKeys(), ".")},
          messagesSection(),
          turnSection(),
          networksSection(),
          signalingSection(),
          sessionSection(),
          stepsSection(),
          faultsSection(),
          recoverySection(),
          object("deadlines", &Scenario::deadlines, deadlineKeys()),
          integer("repetitions", &Scenario::repetitions, {1, 1000}),
          integer("server_requests_per_s", &Scenario::server_requests_per_s, {0, 1'000'000}),
          integer("hosts", &Scenario::hosts, {0, 64}),
          {"local_addresses", readLocalAddresses},
          thresholdsSection(),
          extendSection()};
}

void checkCallCount(const Place& calls, const Scenario& scenario) {
  const std::int64_t per_arm = std::max<std::int64_t>(
      std::int64_t{scenario.calls_per_arm} * scenario.repetitions, scenario.mostCallsPerArm());
  const std::int64_t count = per_arm * static_cast<std::int64_t>(scenario.turn.size()) *
                             static_cast<std::int64_t>(scenario.pairsOfSites());
  if (count > kMaxCalls)
    calls.problem(std::string("per_arm x arms x repetitions ") +
                  (scenario.networks ? "x pairs of sites is " : "is ") + std::to_string(count) +
                  " calls, more than " + std::to_string(kMaxCalls));
}

// "---", or "name: value" in a line where JSON would have a brace.
bool looksLikeYaml(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || text[begin] == '{' || text[begin] == '[')
    return false;
  const std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
  return line.starts_with("---") || line.starts_with("- ") || line.starts_with("#") ||
         line.find(": ") != std::string_view::npos || line.ends_with(":");
}

// Absent: it is not JSON, and said so.
std::optional<JsonValue> parsed(const std::string& text, ScenarioProblems& problems) {
  std::vector<JsonProblem> syntax;
  auto json = JsonValue::parse(text, syntax);
  if (!json && looksLikeYaml(text)) {
    problems.push_back(
        {"", "expected JSON, and this looks like YAML: `turnout init` writes a first scenario", 1,
         1});
    return json;
  }
  for (JsonProblem& problem : syntax)
    problems.push_back({"", std::move(problem.message), problem.line, problem.column});
  return json;
}

}  // namespace

ScenarioLoad parseScenario(std::string text) {
  ScenarioProblems problems;
  const auto json = parsed(text, problems);
  if (!json)
    return problems;
  const Place root{*json, "", &problems};
  Scenario scenario;
  readObject(root, topKeys(), scenario);
  if (!root.value.get("turn").isPresent())
    scenario.turn.push_back({.name = "direct", .relay_only = false, .ice_servers = {}});
  checkCalls(root, scenario);
  checkSteps(root, scenario);
  checkFaults(root, scenario);
  checkNetworks(root, scenario);
  checkThresholds(root, scenario);
  checkCallCount(root.at("calls"), scenario);
  if (!problems.empty())
    return problems;
  addImpliedThresholds(scenario);
  return LoadedScenario{std::move(scenario), std::move(text)};
}

ScenarioLoad loadScenario(const std::string& file) {
  auto text = readTextFile(file);
  if (!text)
    return ScenarioProblems{{.path = "", .message = text.error().what}};
  return parseScenario(*std::move(text));
}

ServerListLoad parseServerList(const std::string& text) {
  ScenarioProblems problems;
  std::vector<ScenarioServer> servers;
  if (const auto json = parsed(text, problems))
    readServerList({*json, "", &problems}, servers);
  if (!problems.empty())
    return problems;
  return servers;
}

ServerListLoad loadServerList(const std::string& file) {
  const auto text = readTextFile(file);
  if (!text)
    return ScenarioProblems{{.path = "", .message = text.error().what}};
  return parseServerList(*text);
}

std::vector<std::string> scenarioKeys() {
  return keyNames(topKeys(), "");
}

}  // namespace turnout
