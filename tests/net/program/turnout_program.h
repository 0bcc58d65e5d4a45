// The built `turnout`, run as a user would, in a directory of its own.
#pragma once

#include "bots/timeline/event.h"
#include "pipelines/base/files.h"
#include "pipelines/base/json.h"
#include "pipelines/base/subprocess.h"

#include <fstream>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace turnout::test {

// Calls of two bots on this machine, six a second.
inline std::string scenarioText(const std::string& arms, int calls, const std::string& more = "") {
  return R"({"name": "e2e", "calls": {"per_arm": )" + std::to_string(calls) +
         R"(, "hold_ms": 300}, "arrival": {"spacing_ms": 160, "shape": "even"},
          "deadlines": {"join_ms": 3000, "connect_ms": 4000, "first_media_ms": 4000,
                        "leave_ms": 1000}, "turn": [)" +
         arms + "]" + more + "}";
}
inline constexpr const char* kDirectArm = R"({"name": "direct"})";
inline constexpr const char* kRelayArm =
    R"({"name": "turn-udp", "policy": "relay",
        "ice_servers": [{"urls": "turn:{coturn}?transport=udp"}]})";

class TurnoutProgram : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::create("e2e");
    ASSERT_TRUE(made) << made.error().what;
    dir_ = std::move(*made);
  }

  std::string path(const std::string& name) const { return dir_->file(name); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  static std::string read(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }

  void launch(std::vector<std::string> words,
              std::vector<std::pair<std::string, std::string>> environment = {}) {
    words.insert(words.begin(), TURNOUT_PROGRAM);
    launchAs(std::move(words), std::move(environment));
  }
  void launchAs(std::vector<std::string> argv,
                std::vector<std::pair<std::string, std::string>> environment = {}) {
    output_.clear();
    exit_.reset();
    auto program = Subprocess::start(loop_, {.argv = std::move(argv),
                                             .environment = std::move(environment),
                                             .output = Subprocess::OutputToLines{[this](auto line) {
                                               output_ += std::string(line) + "\n";
                                             }},
                                             .on_exit = [this](const auto& how) { exit_ = how; }});
    ASSERT_TRUE(program) << program.error().what;
    program_ = std::move(*program);
  }
  void launchScenario(const std::string& text) {
    launch({"run", write("scenario.json", text), "--out", path("run")});
  }
  std::string ending(Duration limit = 60s) {
    loop_.runUntil([this] { return exit_.has_value(); }, limit);
    return exit_.value_or("still running");
  }
  std::string run(const std::vector<std::string>& words) {
    launch(words);
    return ending();
  }

  template <class T>
  std::vector<T> events() const {
    std::vector<T> found;
    std::ifstream lines(path("run/events.jsonl"));
    for (std::string line; std::getline(lines, line);)
      if (const auto event = parseEventLine(line))
        if (const T* body = std::get_if<T>(&event->body))
          found.push_back(*body);
    return found;
  }
  template <class T>
  bool sees(std::size_t count) {
    return until([&] { return events<T>().size() >= count; });
  }
  bool until(const std::function<bool()>& holds) {
    const Timer look = loop_.every(20ms, [] {});
    return loop_.runUntil(holds, 30s);
  }
  JsonValue summary() const {
    const auto parsed = JsonValue::parseFile(path("run/summary.json"));
    EXPECT_TRUE(parsed) << parsed.error().what;
    return parsed ? *parsed : JsonValue();
  }

  Loop loop_;
  std::optional<TempDir> dir_;
  std::string output_;  // stdout and stderr
  std::optional<std::string> exit_;
  std::unique_ptr<Subprocess> program_;
};

}  // namespace turnout::test
