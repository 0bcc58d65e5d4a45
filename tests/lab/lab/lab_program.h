// `turnout lab` as a user runs it, and whether this machine allows labs at all: tests of them are skipped
// where it does not, with its reason.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/base/subprocess.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace turnout::test {

struct ProgramEnd {
  int status = -1;  // -1: it did not end
  std::vector<std::string> lines;

  std::string text() const {
    std::string all;
    for (const std::string& line : lines)
      all += line + "\n";
    return all;
  }
};

inline ProgramEnd runToEnd(std::vector<std::string> argv, Duration limit = 60s) {
  Loop loop;
  ProgramEnd end;
  bool has_ended = false;
  Subprocess::Config config;
  config.argv = std::move(argv);
  config.output =
      Subprocess::OutputToLines{[&](std::string_view line) { end.lines.emplace_back(line); }};
  config.on_exit = [&](const std::string&) { has_ended = true; };
  auto child = Subprocess::start(loop, std::move(config));
  if (child && loop.runUntil([&] { return has_ended; }, limit))
    end.status = (*child)->exitStatus().value_or(-1);
  return end;
}

inline std::vector<std::string> labWords(std::vector<std::string> words) {
  words.insert(words.begin(), {TURNOUT_PROGRAM, "lab"});
  return words;
}

class LabProgram : public testing::Test {
 protected:
  void SetUp() override {
    static const ProgramEnd kTrial = runToEnd(labWords({"shell", "public", "--", "true"}));
    if (kTrial.status == 106)
      GTEST_SKIP() << "no lab on this machine: " << kTrial.text();
    ASSERT_EQ(kTrial.status, 0) << kTrial.text();
  }
};

}  // namespace turnout::test
