#include "pipelines/base/json.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace turnout {
namespace {

// "LINE:COLUMN MESSAGE" of every problem, one a line.
std::string problemsOf(const std::string& text) {
  std::string all;
  std::vector<JsonProblem> problems;
  const bool is_read = JsonValue::parse(text, problems).has_value();
  EXPECT_EQ(is_read, problems.empty());
  for (const JsonProblem& problem : problems)
    all += std::to_string(problem.line) + ":" + std::to_string(problem.column) + " " +
           problem.message + "\n";
  return all;
}

TEST(JsonSyntax, AcceptsJson) {
  for (const char* text :
       {"{}", "[]", " \t\r\n{ } ", "\"x\"", "0", "-0.5e+10", "[1, 2E3, true, false, null]",
        R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]})", R"(["\"\\\/\b\f\n\r\t\u00e9 é"])",
        R"(["\ud83d\ude00"])"})
    EXPECT_EQ(problemsOf(text), "") << text;
}

TEST(JsonSyntax, RefusesWhatOtherReadersForgive) {
  struct Row {
    const char* text;
    const char* problem;
  };
  for (const Row& row : {
           Row{"{}{}", "1:3 expected end of file, got '{'\n"},
           Row{"{'a':1}", "1:2 expected a key in double quotes, got '''\n"},
           Row{"[0x10]", "1:3 expected ',' or ']', got 'x'\n"},
           Row{"[01]", "1:3 a number may not begin with 0\n"},
           Row{"[1.]", "1:4 expected a digit, got ']'\n"},
           Row{"[.5]", "1:2 expected a value, got '.'\n"},
           Row{"[- 5]", "1:3 expected a digit, got ' '\n"},
           Row{"[1e]", "1:4 expected a digit, got ']'\n"},
           Row{"var x = {}", "1:1 expected a value, got 'v'\n"},
           Row{"[\"\\q\"]", "1:4 expected one of \" \\ / b f n r t u after a backslash, got 'q'\n"},
           Row{"[\"\\ud800\"]", "1:5 half a surrogate pair after \\u\n"},
           Row{"[\"\\udc00\"]", "1:5 half a surrogate pair after \\u\n"},
           Row{"[\"\\ud83d\\u0041\"]", "1:5 half a surrogate pair after \\u\n"},
           Row{"[\"\\u12g4\"]", "1:7 expected four hexadecimal digits after \\u, got 'g'\n"},
           Row{"[\"a\nb\"]", "1:4 expected '\"' at the end of the string, got end of line\n"},
           Row{"[\"a\tb\"]",
               "1:4 expected '\"' at the end of the string, got a control character\n"},
           Row{"{\"a\":1,}", "1:8 expected a key in double quotes, got '}'\n"},
           Row{"[1,]", "1:4 expected a value, got ']'\n"},
           Row{"// c\n{}", "1:1 expected a value, got '/'\n"},
           Row{"\xEF\xBB\xBF{}", "1:1 expected a value, got '\xEF\xBB\xBF'\n"},
           Row{"[\"a\\u0000b\"]", "1:6 \\u0000 in a string\n"},
           Row{"[tru]", "1:2 expected a value, got 't'\n"},
       })
    EXPECT_EQ(problemsOf(row.text), row.problem) << row.text;
}

TEST(JsonSyntax, NamesLineAndColumnInCharacters) {
  EXPECT_EQ(problemsOf("{\n  \"name\": \"é\" \"x\"\n}"), "2:15 expected ',' or '}', got '\"'\n");
}

TEST(JsonSyntax, SaysWhereTheFileEndsTooEarly) {
  EXPECT_EQ(problemsOf(""), "1:1 expected a value, got end of file\n");
  EXPECT_EQ(problemsOf("{\"a\": [1\n"), "2:1 expected ',' or ']', got end of file\n");
  EXPECT_EQ(problemsOf("{\"a"), "1:4 expected '\"' at the end of the string, got end of file\n");
}

TEST(JsonSyntax, ReportsEveryKeyGivenTwiceInOneObject) {
  EXPECT_EQ(problemsOf("{\"a\": 1,\n \"b\": {\"c\": 1, \"c\": 2},\n \"a\": 3}"),
            "2:16 key \"c\" is given twice in one object\n"
            "3:2 key \"a\" is given twice in one object\n");
}

TEST(JsonSyntax, ComparesKeysAsTheyAreReadNotAsTheyAreWritten) {
  EXPECT_EQ(problemsOf(R"({"a": 1, "\u0061": 2})"),
            "1:10 key \"a\" is given twice in one object\n");
}

TEST(JsonSyntax, TellsNotMoreThanTwentyProblemsAndTheErrorOfSyntaxAmongThem) {
  std::string text = "{";
  for (int i = 0; i < 50'000; i++)
    text += "\"a\":1,";
  const std::string told = problemsOf(text + "\"b\":x}");
  EXPECT_EQ(told, "1:300006 expected a value, got 'x'\n");
  const std::string twins = problemsOf(text + "\"b\":1}");
  EXPECT_EQ(std::count(twins.begin(), twins.end(), '\n'), 20);
}

TEST(JsonSyntax, RefusesBytesThatAreNotUtf8) {
  EXPECT_EQ(problemsOf("[\"\xff\"]"), "1:3 not valid UTF-8\n");
  EXPECT_EQ(problemsOf(std::string("[\0]", 3)), "1:2 not valid UTF-8\n");
}

TEST(JsonSyntax, RefusesNestingThatWouldExhaustTheStack) {
  EXPECT_EQ(problemsOf(std::string(60, '[') + std::string(60, ']')), "");
  EXPECT_EQ(problemsOf(std::string(100'000, '[')), "1:66 nested deeper than 64 levels\n");
}

}  // namespace
}  // namespace turnout
