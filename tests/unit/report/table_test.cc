#include "orchestrator/report/table.h"

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

TEST(Table, CutsWhatIsTooWideByCharactersNotBytes) {
  Table table({{Align::kLeft, 6}, {Align::kLeft}});
  table.add({"\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4", "x"});
  table.add({"\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4", "x"});
  EXPECT_EQ(table.text(0),
            "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4  x\n"
            "\u00e4\u00e4\u00e4...  x\n");
}

TEST(Table, NeverPassesControlCharactersOn) {
  Table table({{Align::kLeft}});
  table.add({"red \033[31m\n\xff"});
  EXPECT_EQ(table.text(0), "red ?[31m?\xef\xbf\xbd\n");
}

TEST(Wrapped, BreaksBetweenWordsAndIndentsEveryLine) {
  EXPECT_EQ(wrapped("one two three four", 11, 2), "  one two\n  three\n  four\n");
  EXPECT_EQ(wrapped("a unbreakable-word b", 8, 0), "a\nunbreakable-word\nb\n");
}

}  // namespace
}  // namespace turnout
