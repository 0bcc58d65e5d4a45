#include "orchestrator/report/writers.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

using Align = Table::Align;

TEST(Table, AlignsColumnsAndLeavesNoTrailingSpace) {
  Table table({{Align::kLeft}, {Align::kRight}, {Align::kLeft}});
  table.add({"arm", "ok", "path"});
  table.add({"turn-udp", "10/10", ""});
  EXPECT_EQ(table.text(2),
            "  arm          ok  path\n"
            "  turn-udp  10/10\n");
}

TEST(Table, BreaksWhatIsTooWideByCharactersNotBytes) {
  Table table({{Align::kLeft, 6}, {Align::kLeft}});
  table.add({"\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4", "x"});
  table.add({"\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4", "x"});
  EXPECT_EQ(table.text(0),
            "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4  x\n"
            "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4  x\n"
            "\u00e4\n");
}

TEST(Table, OnANarrowScreenNothingIsLost) {
  Table table({{Align::kLeft}, {Align::kRight}, {Align::kLeft, 60, 10}});
  table.add({"arm", "ok", "what its server answered"});
  EXPECT_EQ(table.text(0, 32), "arm ok what its server answered\n") << "first less space between";
  EXPECT_EQ(table.text(0, 20), "arm ok what its\n       server\n       answered\n");
  Table stiff({{Align::kLeft}, {Align::kRight}, {Align::kRight}});
  stiff.add({"arm", "success", "p95"});
  stiff.add({"turn", "10/10", "310 ms"});
  EXPECT_EQ(stiff.text(2, 16),
            "  arm  success\n"
            "  turn   10/10\n"
            "\n"
            "  arm     p95\n"
            "  turn 310 ms\n");
}

TEST(Table, BreaksAddressesWhereTheyHaveJoints) {
  Table table({{Align::kLeft, 20, 10}});
  table.add({"turn:turn.example.org:3478?transport=udp"});
  EXPECT_EQ(table.text(0),
            "turn:turn.example.\n"
            "org:3478?transport=\n"
            "udp\n");
}

TEST(Table, NeverPassesControlCharactersOn) {
  Table table({{Align::kLeft}});
  table.add({"red \033[31m\n\xff"});
  EXPECT_EQ(table.text(0), "red ?[31m?\xef\xbf\xbd\n");
}

TEST(Wrapped, BreaksBetweenWordsAndIndentsEveryLine) {
  EXPECT_EQ(wrapped("one two three four", 11, 2), "  one two\n  three\n  four\n");
  EXPECT_EQ(wrapped("one two three four", 11, 2, 1), "  one two\n   three\n   four\n");
  EXPECT_EQ(wrapped("a unbreakable-word b", 8, 0), "a\nunbreakable-word\nb\n");
}

}  // namespace
}  // namespace turnout
