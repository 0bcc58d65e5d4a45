#include "orchestrator/cli/command.h"
#include "orchestrator/cli/report_files.h"
#include "pipelines/base/json.h"
#include "scenarios/load.h"

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <sstream>

#include <glib.h>
#include <unistd.h>

namespace turnout {
namespace {

// What a first scenario needs to know.
struct Answers {
  std::string name = "my-calls";
  std::string kind = "room";
  std::vector<std::string> turn_urls;
  std::string username;
};

std::string quoted(const std::string& text) {
  JsonWriter json;
  json.string(text);
  return json.take();
}

bool isStun(const std::string& url) {
  return g_ascii_strncasecmp(url.c_str(), "stun", 4) == 0;
}

// One arm for each server: what is compared is which of them connects, and how fast.
std::string armFor(const std::string& url, std::size_t number, const std::string& username) {
  if (isStun(url))
    return ",\n    { \"name\": \"stun-" + std::to_string(number) +
           "\", \"ice_servers\": [{ \"urls\": " + quoted(url) + " }] }";
  return ",\n    {\n      \"name\": \"turn-" + std::to_string(number) +
         "\",\n      \"//\": \"relay: only relayed candidates, so a call that connects proves the "
         "server. The password is "
         "taken from the environment.\",\n      \"policy\": \"relay\",\n      \"ice_servers\": [\n "
         "       { \"urls\": " +
         quoted(url) + ", \"username\": " + quoted(username.empty() ? "user" : username) +
         ", \"credential_env\": \"TURN_CREDENTIAL\" }\n      ]\n    }";
}

// Of TURN servers that the run starts itself: something to compare before there is a server.
constexpr const char* kOwnServers = R"(,
    {
      "name": "turn-udp",
      "//": "{coturn}: a TURN server that the run starts itself, on this machine. relay: only relayed candidates.",
      "policy": "relay",
      "ice_servers": [{ "urls": "turn:{coturn}?transport=udp" }]
    },
    { "name": "turn-tls", "policy": "relay", "ice_servers": [{ "urls": "turns:{coturn}?transport=tcp" }] })";

std::string firstScenario(const Answers& answers) {
  std::string arms;
  for (std::size_t i = 0; i < answers.turn_urls.size(); i++)
    arms += armFor(answers.turn_urls[i], i + 1, answers.username);
  return R"({
  "//": "A scenario of turnout. Keys that start with // are comments; docs/SCENARIOS.md has every other key.",
  "name": )" +
         quoted(answers.name) + R"(,
  "calls": {
    "//": "kind: room (both join a room), call (one rings the other), match (strangers are paired). per_arm: calls for each entry of turn.",
    "kind": )" +
         quoted(answers.kind) + R"(,
    "per_arm": 40,
    "hold_ms": 3000
  },
  "arrival": { "//": "Calls start at this rate, the arms taking turns.", "rate_per_s": 4 },
  "turn": [
    { "name": "direct" })" +
         (arms.empty() ? kOwnServers : arms) + R"(
  ],
  "thresholds": {
    "//": "What decides between pass (exit code 0) and fail (99). 98: too few calls to tell.",
    "success_rate": ["rate>=0.9"],
    "connect_time": ["med<2000"]
  }
}
)";
}

// A question on the terminal; an empty answer is `otherwise`.
std::string ask(const std::string& question, const std::string& otherwise) {
  std::cerr << question << " [" << (otherwise.empty() ? "none" : otherwise) << "]: ";
  std::string answer;
  std::getline(std::cin, answer);
  return answer.empty() ? otherwise : answer;
}

std::vector<std::string> wordsOf(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream in(text);
  for (std::string word; in >> word;)
    words.push_back(word);
  return words;
}

OptionSpec initOptions() {
  OptionSpec spec{
      "turnout init [FILE] [OPTIONS]\n\n"
      "Writes a first scenario, with comments, and checks it. Asks on a terminal; otherwise the "
      "options\n"
      "say it. It starts its own TURN server unless servers are named.",
      "Examples:\n"
      "  turnout init                                  asks, writes turnout.json\n"
      "  turnout init mine.json --turn turns:turn.example.org:443?transport=tcp --username "
      "tester\n"};
  spec.visible.add_options()("turn", po::value<Words>(),
                             "URL of a TURN or STUN server; repeatable")(
      "username", po::value<std::string>(),
      "its user; the password is read from TURN_CREDENTIAL when it runs")(
      "kind", po::value<std::string>(), "how participants meet: room, call or match [room]")(
      "name", po::value<std::string>(), "name of the scenario [my-calls]")(
      "force", "replace the file if it is there");
  spec.hidden.add_options()("file", po::value<Words>());
  spec.files = "file";
  return spec;
}

Answers answersFrom(const po::variables_map& options) {
  Answers answers;
  answers.name = optionValue<std::string>(options, "name").value_or(answers.name);
  answers.kind = optionValue<std::string>(options, "kind").value_or(answers.kind);
  answers.username = optionValue<std::string>(options, "username").value_or("");
  answers.turn_urls = optionValue<Words>(options, "turn").value_or(Words{});
  const bool is_told = options.count("turn") || options.count("kind") || options.count("name");
  if (is_told || !::isatty(STDIN_FILENO) || !::isatty(STDERR_FILENO))
    return answers;
  answers.name = ask("name of the scenario", answers.name);
  answers.kind = ask("how participants meet: room, call or match", answers.kind);
  answers.turn_urls =
      wordsOf(ask("your TURN or STUN URLs, with spaces between; none: the run starts its own", ""));
  if (!answers.turn_urls.empty())
    answers.username = ask("TURN user name", "user");
  return answers;
}

}  // namespace

ExitCode initCommand(const Words& words) {
  const auto options = parseOptions(initOptions(), words);
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;
  const auto files = optionValue<Words>(**options, "file").value_or(Words{"turnout.json"});
  if (files.size() != 1)
    return fail({ErrorCode::kUsage, "init takes one name of a file"});
  const std::string& file = files.front();
  std::error_code error;
  if (file != "-" && !(*options)->count("force") && std::filesystem::exists(file, error))
    return fail({ErrorCode::kUsage, file + " is there already; --force replaces it"});
  const std::string text = firstScenario(answersFrom(**options));
  const ScenarioLoad loaded = parseScenario(text);
  if (const auto* problems = std::get_if<ScenarioProblems>(&loaded))  // of what was answered
    return fail({ErrorCode::kUsage, problemsText(file, *problems)});
  if (const auto written = writeOutput(file, text); !written)
    return fail(written.error());
  if (file != "-")
    std::printf("wrote %s; now: turnout run %s\n", file.c_str(), file.c_str());
  return ExitCode::kPass;
}

}  // namespace turnout
