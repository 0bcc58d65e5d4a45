#include "pipelines/base/json.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

std::string at(const std::string& path) {
  const auto document = JsonValue::parse(R"({"a": {"b": [10, {"c": "x"}, [7]]}})");
  EXPECT_TRUE(document);
  const JsonValue value = document->at(path);
  return value.isPresent() ? value.text() : "absent";
}

TEST(JsonPath, WalksNamesAndPlaces) {
  EXPECT_EQ(at(""), R"({"a":{"b":[10,{"c":"x"},[7]]}})");
  EXPECT_EQ(at("a.b[0]"), "10");
  EXPECT_EQ(at("a.b[1].c"), "\"x\"");
  EXPECT_EQ(at("a.b[2][0]"), "7");
}

TEST(JsonPath, IsAbsentWhereNothingIs) {
  for (const char* path : {"b", "a.x", "a.b[3]", "a.b[x]", "a.b[", "a[0]", "a.b.c", "a.b[-1]"})
    EXPECT_EQ(at(path), "absent") << path;
}

}  // namespace
}  // namespace turnout
