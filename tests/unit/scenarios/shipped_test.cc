// What we ship and what we document loads: scenarios/*.json and the JSON blocks of SCENARIOS.md.
#include "pipelines/base/json.h"
#include "pipelines/ice/ice_config.h"
#include "scenarios/load.h"
#include "scenarios/plan.h"
#include "tests/support/golden.h"

#include <filesystem>

#include <gtest/gtest.h>

namespace turnout {
namespace {

std::vector<std::string> shippedFiles() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator("scenarios"))
    if (entry.path().extension() == ".json")
      files.push_back(entry.path().string());
  return files;
}

// The bodies of the ```json blocks.
std::vector<std::string> jsonBlocks(const std::string& markdown) {
  static const std::string kOpen = "\n```json\n", kClose = "\n```\n";
  std::vector<std::string> blocks;
  for (auto at = markdown.find(kOpen); at != std::string::npos; at = markdown.find(kOpen, at)) {
    at += kOpen.size();
    blocks.push_back(markdown.substr(at, markdown.find(kClose, at) - at));
  }
  return blocks;
}

std::string problemsOf(const std::string& name, const ScenarioLoad& load) {
  const auto* problems = std::get_if<ScenarioProblems>(&load);
  return problems ? problemsText(name, *problems) : "";
}

// A scenario, or a part of one: the members of its top level, without the outer braces.
std::string asScenario(const std::string& block) {
  if (!block.starts_with('{'))
    return "{\"name\": \"example\",\n" + block + "}";
  return block;
}

TEST(ShippedScenarios, AllLoadAndAreNamedAsTheirFiles) {
  EXPECT_GE(shippedFiles().size(), 5U);
  for (const std::string& file : shippedFiles()) {
    const ScenarioLoad load = loadScenario(file);
    ASSERT_EQ(problemsOf(file, load), "");
    const Scenario& scenario = std::get<LoadedScenario>(load).scenario;
    EXPECT_EQ(scenario.name, std::filesystem::path(file).stem()) << file;
    EXPECT_NE(scenario.description, "") << file;
    EXPECT_FALSE(scenario.thresholds.empty()) << file;
  }
}

TEST(ShippedScenarios, EndInAMinuteAndGridsInTen) {
  for (const std::string& file : shippedFiles()) {
    const ScenarioLoad load = loadScenario(file);
    const Scenario& scenario = std::get<LoadedScenario>(load).scenario;
    EXPECT_LT(makePlan(scenario).lastStart() + scenario.hold + scenario.deadlines.connect,
              scenario.networks ? 600s : 60s)
        << file;
  }
}

TEST(ScenarioProfiles, AreThoseOfTheIceLayer) {
  for (const char* name : {"fast", "browser"})
    EXPECT_TRUE(iceProfile(name)) << name;
}

TEST(ScenariosDocument, EveryJsonBlockLoads) {
  const std::vector<std::string> blocks = jsonBlocks(fileText("docs/SCENARIOS.md"));
  EXPECT_GE(blocks.size(), 5U);
  for (const std::string& block : blocks)
    EXPECT_EQ(problemsOf("docs/SCENARIOS.md", parseScenario(asScenario(block))), "") << block;
}

TEST(ScenariosDocument, NamesEveryKey) {
  const std::string text = fileText("docs/SCENARIOS.md");
  std::string missing;
  for (const std::string& key : scenarioKeys())
    if (text.find("| `" + key + "` |") == std::string::npos)
      missing += key + "\n";
  EXPECT_EQ(missing, "");
}

// The document shows a broken file in a ```jsonc block and what the command says of it after.
TEST(ScenariosDocument, ShowsTheRealMessages) {
  const std::string text = fileText("docs/SCENARIOS.md");
  const std::string open = "\n```jsonc\n", close = "\n```\n", shown_open = "\n```text\n";
  const auto at = text.find(open);
  ASSERT_NE(at, std::string::npos);
  const auto body = at + open.size();
  const std::string broken = text.substr(body, text.find(close, body) - body);
  const auto shown_at = text.find(shown_open, body) + shown_open.size();
  const std::string shown = text.substr(shown_at, text.find(close, shown_at) + 1 - shown_at);
  EXPECT_EQ(shown, problemsOf("broken.json", parseScenario(broken)));
}

}  // namespace
}  // namespace turnout
