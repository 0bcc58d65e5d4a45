
#include "pipelines/base/log.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(Printable, TextStaysAsItIs) {
  for (const char* text : {"", "ann", "J\xc3\xbcrgen \xe2\x82\xac \xf0\x9f\x98\x80", "a\\x1b"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, ControlCharactersAreEscapedWhateverTheirWidth) {
  EXPECT_EQ(printable("\x1b[2Jx"), "\\x1b[2Jx");
  EXPECT_EQ(printable("a\r\nb\t\x7f"), "a\\x0d\\x0ab\\x09\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b"
            "31m")
      << "CSI of one character";
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(Printable, WhatIsNotUtf8IsEscapedByteByByte) {
  EXPECT_EQ(printable("\x9b"
                      "2J"),
            "\\x9b"
            "2J")
      << "CSI of an 8-bit terminal";
  EXPECT_EQ(printable("\xc3"), "\\xc3");
  EXPECT_EQ(printable("\xed\xa0\x80z"), "\\xed\\xa0\\x80z") << "half a surrogate pair";
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf") << "an overlong slash";
}

TEST(Printable, LineEndsStayOnlyWhereTheyAreWanted) {
  EXPECT_EQ(printable("a\nb\r", LineEnds::kKeep), "a\nb\\x0d");
}

TEST(Log, ALineIsOneLineWhateverIsInIt) {
  testing::internal::CaptureStderr();
  log(LogLevel::kError, "signaling", "user \"x\nerror forged: \x1b[31m\"");
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "error signaling: user \"x\\x0aerror forged: \\x1b[31m\"\n");
}

}  // namespace
}  // namespace turnout
