// The JSON Schema is for editors, the loader is what decides; they must not drift apart.
#include "pipelines/base/json.h"
#include "scenarios/load.h"

#include <algorithm>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

JsonValue schema() {
  auto json = JsonValue::parseFile("scenarios/schema/scenario.schema.json");
  EXPECT_TRUE(json);
  return json ? *json : JsonValue();
}

// Calls visit(path, schema of the value) for every property, nested ones after their parents;
// paths as in scenarioKeys().
using Visit = std::function<void(const std::string&, const JsonValue&)>;
void walk(const JsonValue& object, const std::string& prefix, const Visit& visit) {
  const JsonValue properties = object.get("properties");
  for (const std::string& key : properties.keys()) {
    const JsonValue property = properties.get(key.c_str());
    visit(prefix + key, property);
    walk(property, prefix + key + ".", visit);
    walk(property.get("items"), prefix + key + "[].", visit);
  }
}

// A scenario with `value` at a path such as "turn[].ice_servers[].rest.ttl_s".
std::string scenarioWith(std::string path, const std::string& value) {
  std::string before = "{", after = "}";
  for (std::size_t end = path.find('.'); end != std::string::npos; end = path.find('.')) {
    std::string key = path.substr(0, end);
    path.erase(0, end + 1);
    const bool is_list = key.ends_with("[]");
    if (is_list)
      key.resize(key.size() - 2);
    before += "\"" + key + "\":" + (is_list ? "[{" : "{");
    after = (is_list ? "}]" : "}") + after;
  }
  return before + "\"" + path + "\":" + value + after;
}

// Whether the type, range or word is right; other rules (relay needs a server) do not count.
bool isAccepted(std::string path, const std::string& value) {
  const ScenarioLoad load = parseScenario(scenarioWith(path, value));
  for (auto at = path.find("[]"); at != std::string::npos; at = path.find("[]"))
    path.replace(at, 2, "[0]");
  const auto* problems = std::get_if<ScenarioProblems>(&load);
  return !problems ||
         std::none_of(problems->begin(), problems->end(), [&](const ScenarioProblem& problem) {
           return problem.path == path && problem.message.starts_with("expected");
         });
}

TEST(ScenarioSchema, HasTheKeysOfTheLoaderAndNoOthers) {
  std::vector<std::string> keys;
  walk(schema(), "", [&](const std::string& path, const JsonValue&) { keys.push_back(path); });
  EXPECT_THAT(keys, testing::UnorderedElementsAreArray(scenarioKeys()));
}

TEST(ScenarioSchema, DescribesEveryKey) {
  walk(schema(), "", [](const std::string& path, const JsonValue& property) {
    EXPECT_NE(property.stringOr("description", ""), "") << path;
  });
}

TEST(ScenarioSchema, EveryObjectRefusesUnknownKeys) {
  EXPECT_FALSE(schema().boolOr("additionalProperties", true));
  walk(schema(), "", [](const std::string& path, const JsonValue& property) {
    for (const JsonValue& object : {property, property.get("items")}) {
      if (object.get("properties").isPresent()) {
        EXPECT_FALSE(object.boolOr("additionalProperties", true)) << path;
      }
    }
  });
}

TEST(ScenarioSchema, HasTheRangesOfTheLoader) {
  int checked = 0;
  walk(schema(), "", [&](const std::string& path, const JsonValue& property) {
    const auto least = property.get("minimum").asInteger();
    const auto most = property.get("maximum").asInteger();
    if (!most)
      return;
    checked++;
    EXPECT_TRUE(isAccepted(path, std::to_string(*most))) << path;
    EXPECT_FALSE(isAccepted(path, std::to_string(*most + 1))) << path;
    if (least) {
      EXPECT_TRUE(isAccepted(path, std::to_string(*least))) << path;
      EXPECT_FALSE(isAccepted(path, std::to_string(*least - 1))) << path;
    }
  });
  EXPECT_GT(checked, 15);
}

TEST(ScenarioSchema, HasTheWordsOfTheLoader) {
  walk(schema(), "", [](const std::string& path, const JsonValue& property) {
    if (!property.get("enum").isPresent())
      return;
    for (const JsonValue& word : property.get("enum").elements())
      EXPECT_TRUE(isAccepted(path, word.text())) << path << " " << word.text();
    EXPECT_FALSE(isAccepted(path, "\"no-such-word\"")) << path;
  });
}

TEST(ScenarioSchema, DefaultsAreWhatAnAbsentKeyMeans) {
  EXPECT_EQ(schema().get("properties").get("seed").integerOr("default", 0),
            static_cast<std::int64_t>(Scenario{}.seed));
  const JsonValue calls = schema().get("properties").get("calls").get("properties");
  EXPECT_EQ(calls.get("per_arm").integerOr("default", 0), Scenario{}.calls_per_arm);
  EXPECT_EQ(calls.get("bots").integerOr("default", 0), CallShape{}.bots);
  EXPECT_EQ(calls.get("hold_ms").integerOr("default", 0), Scenario{}.hold.count());
  EXPECT_EQ(calls.get("placement").stringOr("default", ""), "together");
  const JsonValue deadlines = schema().get("properties").get("deadlines").get("properties");
  const Scenario::Deadlines defaults;
  EXPECT_EQ(deadlines.get("join_ms").integerOr("default", 0), defaults.join.count());
  EXPECT_EQ(deadlines.get("connect_ms").integerOr("default", 0), defaults.connect.count());
  EXPECT_EQ(deadlines.get("first_media_ms").integerOr("default", 0), defaults.first_media.count());
  EXPECT_EQ(deadlines.get("leave_ms").integerOr("default", 0), defaults.leave.count());
  const JsonValue media = schema().get("properties").get("media").get("properties");
  const JsonValue video = media.get("video").get("properties");
  EXPECT_EQ(media.get("audio").get("properties").get("bitrate_bps").integerOr("default", 0),
            AudioProfile{}.bitrate_bps);
  EXPECT_EQ(video.get("width_px").integerOr("default", 0), VideoProfile{}.width_px);
  EXPECT_EQ(video.get("height_px").integerOr("default", 0), VideoProfile{}.height_px);
  EXPECT_EQ(video.get("frames_per_s").integerOr("default", 0), VideoProfile{}.frames_per_s);
  EXPECT_EQ(video.get("bitrate_bps").integerOr("default", 0), VideoProfile{}.bitrate_bps);
  const JsonValue arrival = schema().get("properties").get("arrival").get("properties");
  EXPECT_EQ(arrival.get("rate_per_s").numberOr("default", 0), Scenario{}.rate_per_s);
}

}  // namespace
}  // namespace turnout
