#include "pipelines/base/loop.h"

#include "pipelines/base/mailbox.h"
#include "pipelines/base/secret.h"

#include <memory>
#include <thread>

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(Loop, RunsPostedTasksInOrder) {
  Loop loop;
  std::string order;
  loop.post([&] { order += 'a'; });
  loop.post([&] { order += 'b'; });
  EXPECT_TRUE(loop.runUntil([&] { return order.size() == 2; }, 5s));
  EXPECT_EQ(order, "ab");
}

TEST(Loop, ACancelledTimerNeverFires) {
  Loop loop;
  bool fired = false, later = false;
  Timer cancelled = loop.after(1ms, [&] { fired = true; });
  const Timer end = loop.after(5ms, [&] { later = true; });
  cancelled.cancel();
  EXPECT_TRUE(loop.runUntil([&] { return later; }, 5s));
  EXPECT_FALSE(fired);
}

TEST(Loop, TimersFireInOrderOfTheirInstantsAndNotEarly) {
  Loop loop;
  const Instant start = now();
  std::string order;
  Instant first_at;
  const Timer second = loop.at(start + 250ms, [&] { order += '2'; });
  const Timer first = loop.at(start + 2ms, [&] {
    order += '1';
    first_at = now();
  });
  EXPECT_TRUE(loop.runUntil([&] { return order.size() == 2; }, 5s));
  EXPECT_EQ(order, "12");
  EXPECT_GE(first_at - start, 2ms);
}

TEST(Loop, ATimerMayReplaceItselfWhileItRuns) {
  Loop loop;
  int count = 0;
  Timer timer;
  std::function<void()> again = [&] {
    if (++count < 3)
      timer = loop.after(Duration::zero(), again);
  };
  timer = loop.after(Duration::zero(), again);
  EXPECT_TRUE(loop.runUntil([&] { return count == 3; }, 5s));
}

TEST(LoopThread, SyncRunsOnTheThreadAndWaits) {
  for (const Duration coalesce : {Duration::zero(), Duration(1ms)}) {
    LoopThread thread("test", coalesce);
    std::thread::id id;
    thread.sync([&] { id = std::this_thread::get_id(); });
    EXPECT_NE(id, std::thread::id());
    EXPECT_NE(id, std::this_thread::get_id());
    thread.sync([&] { thread.sync([&] { id = {}; }); });  // from the thread itself: at once
    EXPECT_EQ(id, std::thread::id());
  }
}

TEST(Mailbox, DeliversOnTheLoopInOrderAndDropsAfterClose) {
  Loop loop;
  std::vector<int> got;
  auto mailbox = std::make_unique<Mailbox<int>>(loop, [&](int value) { got.push_back(value); });
  const auto sender = mailbox->sender();
  std::thread foreign([sender] {
    for (int i = 0; i < 100; i++)
      sender.send(i);
  });
  EXPECT_TRUE(loop.runUntil([&] { return got.size() == 100; }, 5s));
  foreign.join();
  for (int i = 0; i < 100; i++)
    EXPECT_EQ(got[static_cast<std::size_t>(i)], i);

  sender.send(100);  // on its way when the owner goes
  mailbox.reset();
  sender.send(101);
  bool after = false;
  loop.post([&] { after = true; });
  EXPECT_TRUE(loop.runUntil([&] { return after; }, 5s));
  EXPECT_EQ(got.size(), 100u);
}

TEST(Mailbox, MayBeClosedByItsOwnReceiver) {
  Loop loop;
  int got = 0;
  std::unique_ptr<Mailbox<int>> mailbox;
  mailbox = std::make_unique<Mailbox<int>>(loop, [&](int) {
    got++;
    mailbox->close();
  });
  mailbox->sender().send(1);
  mailbox->sender().send(2);
  bool after = false;
  loop.post([&] { after = true; });
  EXPECT_TRUE(loop.runUntil([&] { return after; }, 5s));
  EXPECT_EQ(got, 1);
}

TEST(Secret, CannotBePrinted) {
  std::ostringstream out;
  out << Secret("hunter2");
  EXPECT_EQ(out.str(), "***");
}

}  // namespace
}  // namespace turnout
