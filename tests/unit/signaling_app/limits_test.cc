// What a hostile client meets, and what is seen of it.
#include "bots/signaling/app/room_calls.h"
#include "tests/unit/signaling_app/stage.h"

namespace turnout {
namespace {

TEST(Limits, NamesAreShortPrintableUtf8) {
  for (const char* good : {"a", "r 1", "\xc3\xbc", "\xf0\x9f\x98\x80", "<b>"})
    EXPECT_TRUE(isName(good)) << good;
  for (const char* bad : {"", "a\n", "\x1b[2J", "\x7f", "\xff", "\xc3", "\xc2\x85"})
    EXPECT_FALSE(isName(bad)) << bad;
  EXPECT_TRUE(isName(std::string(128, 'a')));
  EXPECT_FALSE(isName(std::string(129, 'a')));
  EXPECT_FALSE(isName(std::string("a\0b", 3)));
}

TEST(Limits, TooManyMessagesAreRefusedAndAFloodIsClosed) {
  Stage stage({.budget = {.per_second = 1, .burst = 5}});
  stage.connect("A");
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(stage.outcome("A", "leave"), "ok");
  EXPECT_EQ(stage.outcome("A", "leave"), "rate_limited");
  EXPECT_TRUE(stage.closed.empty());
  for (int i = 0; i < 4; ++i)
    stage.say("A", "leave");
  EXPECT_EQ(stage.closed, std::vector<std::string>{"A"});
  EXPECT_EQ(stage.errors(AppError::kRateLimited), 5u);
  EXPECT_EQ(stage.app.stats().floods, 1u);
  stage.gone("A", Gone::kClosed);
  EXPECT_EQ(stage.app.census(), AppCensus{});
}

TEST(Limits, OneClientsFloodDoesNotCostTheOthers) {
  Stage stage({.budget = {.per_second = 1, .burst = 2}});
  stage.connect("A");
  stage.connect("B");
  for (int i = 0; i < 10; ++i)
    stage.say("A", "leave");
  EXPECT_EQ(stage.outcome("B", "leave"), "ok");
}

TEST(Limits, ABigMessageIsRefused) {
  Stage stage({.max_message = 100});
  stage.connect("A");
  EXPECT_EQ(stage.say("A", "leave", "{}", 100), R"({"ok":true})");
  EXPECT_EQ(stage.say("A", "leave", "{}", 101), R"({"ok":false,"error":"too_large"})");
  EXPECT_EQ(stage.errors(AppError::kEventTooLarge), 1u);
}

}  // namespace
}  // namespace turnout
