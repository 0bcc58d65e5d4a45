#include "pipelines/base/json.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(JsonValue, AbsentAndWronglyTypedAreNotZero) {
  const auto parsed = JsonValue::parse(R"({"n": 3, "s": "x", "f": 1.5, "z": null})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->get("n").asInteger(), 3);
  EXPECT_EQ(parsed->get("n").asNumber(), 3.0);
  EXPECT_EQ(parsed->get("f").asInteger(), std::nullopt);
  EXPECT_EQ(parsed->get("s").asInteger(), std::nullopt);
  EXPECT_EQ(parsed->get("none").asString(), std::nullopt);
  EXPECT_FALSE(parsed->get("none").isPresent());
  EXPECT_TRUE(parsed->get("z").isNull());
}

TEST(JsonValue, IntegersThatDoNotFitAreNumbersAndNoIntegers) {
  const auto parsed = JsonValue::parse(
      "[-18446744073709551614, 9223372036854775808, 9223372036854775807, -9223372036854775808]");
  ASSERT_TRUE(parsed);
  const auto elements = parsed->elements();
  EXPECT_EQ(elements[0].asInteger(), std::nullopt);
  EXPECT_EQ(elements[0].asNumber(), -18446744073709551614.0);
  EXPECT_EQ(elements[1].asInteger(), std::nullopt);
  EXPECT_EQ(elements[1].asUnsigned(), 9223372036854775808u);
  EXPECT_EQ(elements[3].asUnsigned(), std::nullopt);
  EXPECT_EQ(JsonValue::parse("[1.0]")->elements()[0].asUnsigned(), std::nullopt);
  EXPECT_EQ(elements[2].asInteger(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(elements[3].asInteger(), std::numeric_limits<std::int64_t>::min());
}

TEST(JsonValue, EscapesAreReadInKeysAndValues) {
  const auto parsed =
      JsonValue::parse(R"({"k\u0065y\n": "\ud83d\ude00 \/\b\f\r\t\\ \u00fc", "z": ["\""]})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->get("key\n").asString(), "\xf0\x9f\x98\x80 /\b\f\r\t\\ ü");
  EXPECT_EQ(parsed->get("z").elements().at(0).asText(), "\"");
}

TEST(JsonValue, APartKeepsTheWholeDocument) {
  JsonValue part;
  {
    const auto parsed =
        JsonValue::parse(R"({"a": {"b": ["a long enough text to be on the heap", 7]}, "c": 1})");
    part = parsed->get("a").get("b");
  }
  EXPECT_EQ(part.text(), R"(["a long enough text to be on the heap",7])");
}

TEST(JsonValue, MembersKeepTheirOrderAlsoWhenThereAreMany) {
  std::string text = "{";
  for (int i = 50; i > 0; i--)
    text += "\"k" + std::to_string(i) + "\":[" + std::to_string(i) + "],";
  text.back() = '}';
  const auto parsed = JsonValue::parse(text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->text(), text);
  EXPECT_EQ(parsed->members().at(49).first, "k1");
  EXPECT_EQ(parsed->get("k1").elements().at(0).asInteger(), 1);
}

TEST(JsonValue, ReadingInsideWhatIsNotAnObjectIsAbsent) {
  const auto parsed = JsonValue::parse("[1,2]");
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->get("x").get("y").isPresent());
  EXPECT_TRUE(parsed->get("x").elements().empty());
  EXPECT_EQ(parsed->elements().size(), 2u);
}

TEST(JsonValue, GarbageIsAnErrorWithAReason) {
  for (const char* text : {"", "{", "{\"a\":}", "\xff\xfe"}) {
    const auto parsed = JsonValue::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_FALSE(parsed.error().what.empty());
  }
}

TEST(JsonValue, TextIsJsonAgain) {
  const char* text = R"({"b":[1,-2.5,1e+21,true,null,"\"\\\u0001ü"],"a":{},"c":0.1,"d":2.0})";
  EXPECT_EQ(JsonValue::parse(text)->text(), text);
  EXPECT_EQ(JsonValue::parse("[1e400]")->text(), "[null]");
  EXPECT_EQ(JsonValue().text(), "null");
}

TEST(JsonValue, RefusesWhatIsNestedTooDeepToParseSafely) {
  EXPECT_FALSE(JsonValue::parse(std::string(200'000, '[')));
  EXPECT_TRUE(JsonValue::parse("[\"" + std::string(100, '[') + "\\\"" + "\"]"));
}

TEST(JsonWriter, WritesWhatTheReaderReads) {
  JsonWriter out;
  out.beginObject().field("text", "a\"\\\n\x01ü").field("n", -5).field("x", 1.25).field("b", true);
  out.key("list").beginArray().integer(1).null().endArray();
  out.key("empty").beginObject().endObject().endObject();
  const auto parsed = JsonValue::parse(out.text());
  ASSERT_TRUE(parsed) << out.text();
  EXPECT_EQ(parsed->get("text").asString(), "a\"\\\n\x01ü");
  EXPECT_EQ(parsed->get("n").asInteger(), -5);
  EXPECT_EQ(parsed->get("x").asNumber(), 1.25);
  EXPECT_EQ(parsed->get("list").elements().size(), 2u);
}

TEST(JsonWriter, WhatIsNotUtf8IsReplacedAndTheTextStaysValid) {
  JsonWriter out;
  out.beginObject().field("a\xff", "b\xc3\xa4\xfe").field("nul", std::string("c\0\x80", 3));
  const std::string text = out.endObject().take();
  EXPECT_EQ(text, "{\"a\xef\xbf\xbd\":\"b\xc3\xa4\xef\xbf\xbd\",\"nul\":\"c\\u0000\xef\xbf\xbd\"}");
}

TEST(JsonWriter, NumbersAreShortAndStable) {
  struct Row {
    double value;
    const char* text;
  };
  for (const Row& row : {Row{0.1, "0.1"}, Row{2.0, "2"}, Row{1.23456, "1.235"}, Row{-0.0001, "0"},
                         Row{100, "100"}, Row{NAN, "null"}, Row{INFINITY, "null"}}) {
    JsonWriter out;
    out.number(row.value);
    EXPECT_EQ(out.text(), row.text);
  }
}

TEST(JsonWriter, IndentsForPeople) {
  JsonWriter out(JsonWriter::Style::kIndented);
  out.beginObject()
      .field("a", 1)
      .key("b")
      .beginArray()
      .integer(2)
      .integer(3)
      .endArray()
      .endObject();
  EXPECT_EQ(out.text(), "{\n  \"a\": 1,\n  \"b\": [\n    2,\n    3\n  ]\n}");
}

}  // namespace
}  // namespace turnout
