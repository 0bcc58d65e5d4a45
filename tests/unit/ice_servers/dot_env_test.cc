#include "orchestrator/ice_servers/read/settings.h"

#include <ostream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct DotEnvRow {
  const char* why;
  std::string text;
  std::string value;  // of X
};
std::ostream& operator<<(std::ostream& out, const DotEnvRow& row) {
  return out << row.why;
}

const Environment kEnvironment = [](const std::string& name) {
  return name == "HOME" ? std::optional<std::string>("/home/of") : std::nullopt;
};

class DotEnvValue : public testing::TestWithParam<DotEnvRow> {};

TEST_P(DotEnvValue, IsReadAsTheAppReadsIt) {
  const auto settings = parseDotEnv(GetParam().text, ".env", kEnvironment);
  ASSERT_TRUE(settings) << settings.error().what;
  ASSERT_TRUE(settings->contains("X"));
  EXPECT_EQ(settings->at("X").value.reveal(), GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    Dotenv, DotEnvValue,
    testing::Values(DotEnvRow{"plain", "X=abc", "abc"}, DotEnvRow{"empty", "X=", ""},
                    DotEnvRow{"blanks around", "  X =  a b  \n", "a b"},
                    DotEnvRow{"export", "export X=1", "1"},
                    DotEnvRow{"export is a name too", "export=2\nX=1", "1"},
                    DotEnvRow{"comment behind", "X=abc # no", "abc"},
                    DotEnvRow{"comment right behind", "X=abc#no", "abc"},
                    DotEnvRow{"quotes keep it", "X='a # b'", "a # b"},
                    DotEnvRow{"comment behind quotes", "X=\"a\" # b", "a"},
                    DotEnvRow{"single quotes are as they are", "X='a\\nb'", "a\\nb"},
                    DotEnvRow{"backticks are as they are", "X=`it's \"so\"`", "it's \"so\""},
                    DotEnvRow{"double quotes know line ends", "X=\"a\\nb\\rc\\td\"", "a\nb\rc\\td"},
                    DotEnvRow{"several lines", "Y=1\nX=\"a\nb\"\nZ=2", "a\nb"},
                    DotEnvRow{"equals signs", "X=YWJj==", "YWJj=="},
                    DotEnvRow{"Windows ends", "Y=1\r\nX=abc\r\n", "abc"},
                    DotEnvRow{"old Macintosh ends", "Y=1\rX=abc\r", "abc"},
                    DotEnvRow{"byte order mark", "\xef\xbb\xbfX=abc", "abc"},
                    DotEnvRow{"the last counts", "X=1\nX=2", "2"},
                    DotEnvRow{"a line further up", "A=1\nX=a${A}b$A", "a1b1"},
                    DotEnvRow{"in quotes too", "A=1\nX='${A}'", "1"},
                    DotEnvRow{"the environment first", "HOME=x\nX=${HOME}", "/home/of"},
                    DotEnvRow{"not a line further down", "X=a${A}b\nA=1", "ab"},
                    DotEnvRow{"a default", "X=${A:-d}${A-e}${A:-}", "de"},
                    DotEnvRow{"an alternative", "A=1\nX=${A:+y}${B:+n}", "y"},
                    DotEnvRow{"a default with a reference", "A=1\nX=${B:-$A}", "1"},
                    DotEnvRow{"escaped", "X=a\\$b\\${c}", "a$b${c}"},
                    DotEnvRow{"what was escaped stays so", "A=\\$b\nX=${A}", "$b"},
                    DotEnvRow{"no name behind it", "X=a$ $1 ${} ${", "a$ $1 ${} ${"},
                    DotEnvRow{"itself", "X=${X}a", "a"},
                    DotEnvRow{"beyond ASCII", "X=gr\xc3\xbcn", "gr\xc3\xbcn"}));

TEST(DotEnv, NamesWhatIsExpandedToNothing) {
  const auto settings = parseDotEnv("X=a$b${c}${d:-e}\n", ".env");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->at("X").value.reveal(), "ae");
  EXPECT_EQ(settings->at("X").unset, (std::vector<std::string>{"b", "c"}));
}

TEST(DotEnv, ThatGrowsWithoutEndIsRefused) {
  std::string text = "A0=0123456789\n";
  for (int i = 1; i < 64; i++)
    text += "A" + std::to_string(i) + "=$A" + std::to_string(i - 1) + "$A" + std::to_string(i - 1) +
            "\n";
  const auto settings = parseDotEnv(text, ".env");
  ASSERT_FALSE(settings);
  EXPECT_THAT(settings.error().what, HasSubstr("grows without end"));
}

TEST(DotEnv, SaysWhereASettingStands) {
  const auto settings = parseDotEnv("# servers\n\nA='1\n2'\nX=1\n", "deploy/.env");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->at("A").where, "deploy/.env:3 A");
  EXPECT_EQ(settings->at("X").where, "deploy/.env:5 X");
}

TEST(DotEnv, TellsEveryBadLineWithItsNumberAndNoValue) {
  const auto settings = parseDotEnv(
      "GOOD=1\n"
      "no equals sign hunter2\n"
      "1X=hunter2\n"
      "X=\"a\" hunter2\n"
      "Y='hunter2\n",
      ".env");
  ASSERT_FALSE(settings);
  EXPECT_EQ(settings.error().code, ErrorCode::kBadScenario);
  EXPECT_THAT(
      settings.error().what,
      AllOf(HasSubstr(".env:2: expected \"=\" after no"), HasSubstr(".env:3: expected NAME=value"),
            HasSubstr(".env:4: there is text after the closing quote of X"),
            HasSubstr(".env:5: the quote of Y is not closed"), Not(HasSubstr("hunter2"))));
}

TEST(DotEnv, RefusesWhatIsNotText) {
  EXPECT_FALSE(parseDotEnv("X=\xff\xfe", ".env"));
  EXPECT_FALSE(parseDotEnv(std::string("X=a\0b", 5), ".env"));
}

TEST(DotEnv, AFileThatIsNotThereIsNamed) {
  const auto settings = readDotEnv("no/such/.env");
  ASSERT_FALSE(settings);
  EXPECT_THAT(settings.error().what, HasSubstr("no/such/.env"));
}

}  // namespace
}  // namespace turnout
