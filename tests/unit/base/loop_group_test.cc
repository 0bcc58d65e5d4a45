#include "pipelines/base/loop_group.h"

#include "pipelines/base/mailbox.h"

#include <memory>
#include <string>
#include <thread>

#include <glib-unix.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

namespace turnout {
namespace {

struct Pair {
  Pair() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    ours = Fd(ends[0]);
    theirs = Fd(ends[1]);
  }
  Fd ours, theirs;
};

// Counts the bytes that come; reads one a turn.
class Reader {
 public:
  Reader(Loop& loop, int fd) {
    auto source = Ref<GSource>::adopt(g_unix_fd_source_new(fd, G_IO_IN));
    const GUnixFDSourceFunc read_one = [](gint ready, GIOCondition, gpointer self) -> gboolean {
      char byte = 0;
      static_cast<Reader*>(self)->count += ::read(ready, &byte, 1) == 1 ? 1 : 0;
      return G_SOURCE_CONTINUE;
    };
    g_source_set_callback(source.get(), G_SOURCE_FUNC(read_one), this, nullptr);
    g_source_attach(source.get(), loop.context());
    watch_ = Timer(std::move(source));
  }
  int count = 0;

 private:
  Timer watch_;
};

TEST(LoopGroup, MembersComeInTurnAndAreServedByTheParent) {
  Loop parent;
  LoopGroup group(parent, 2);
  Loop& first = group.next();
  Loop& second = group.next();
  EXPECT_NE(&first, &second);
  EXPECT_EQ(&group.next(), &first);
  std::string order;
  first.post([&] { order += 'a'; });
  second.post([&] { order += 'b'; });
  EXPECT_TRUE(parent.runUntil([&] { return order.size() == 2; }, 5s));
}

TEST(LoopGroup, TimersOfMembersAreDueAndNotEarly) {
  Loop parent;
  LoopGroup group(parent, 3);
  const Instant start = now();
  std::string order;
  Instant first_at;
  const Timer late = group.next().at(start + 6ms, [&] { order += '2'; });
  const Timer soon = group.next().at(start + 2ms, [&] {
    order += '1';
    first_at = now();
  });
  Timer cancelled = group.next().at(start + 3ms, [&] { order += 'x'; });
  cancelled.cancel();
  EXPECT_TRUE(parent.runUntil([&] { return order.size() == 2; }, 5s));
  EXPECT_EQ(order, "12");
  EXPECT_GE(first_at - start, 2ms);
}

TEST(LoopGroup, ADescriptorIsServedUntilNothingIsLeftToRead) {
  Loop parent;
  LoopGroup group(parent, 1);
  const Pair pair;
  const Reader reader(group.next(), pair.ours.get());
  const std::string text(1000, 'x');
  ASSERT_EQ(::write(pair.theirs.get(), text.data(), text.size()), 1000);
  EXPECT_TRUE(parent.runUntil([&] { return reader.count == 1000; }, 5s));
}

TEST(LoopGroup, ANumberThatWasClosedAndOpenedAgainIsWatchedAgain) {
  Loop parent;
  LoopGroup group(parent, 1);
  Loop& member = group.next();
  auto old = std::make_unique<Pair>();
  auto reader = std::make_unique<Reader>(member, old->ours.get());
  ASSERT_EQ(::write(old->theirs.get(), "x", 1), 1);
  ASSERT_TRUE(parent.runUntil([&] { return reader->count == 1; }, 5s));
  const int number = old->ours.get();
  reader.reset();
  old.reset();
  const Pair fresh;
  ASSERT_EQ(fresh.ours.get(), number);
  const Reader again(member, fresh.ours.get());
  ASSERT_EQ(::write(fresh.theirs.get(), "x", 1), 1);
  EXPECT_TRUE(parent.runUntil([&] { return again.count == 1; }, 5s));
}

TEST(LoopGroup, ABusyMemberDoesNotStarveTheParent) {
  Loop parent;
  LoopGroup group(parent, 1);
  Loop& member = group.next();
  std::function<void()> forever = [&] { member.post(forever); };
  member.post(forever);
  bool is_due = false;
  const Timer timer = parent.after(1ms, [&] { is_due = true; });
  EXPECT_TRUE(parent.runUntil([&] { return is_due; }, 5s));
}

TEST(LoopGroup, AMailboxOnAMemberGetsWhatAnotherThreadSends) {
  Loop parent;
  LoopGroup group(parent, 1);
  int got = 0;
  const Mailbox<int> box(group.next(), [&](int value) { got = value; });
  std::thread([sender = box.sender()] { sender.send(7); }).join();
  EXPECT_TRUE(parent.runUntil([&] { return got == 7; }, 5s));
}

}  // namespace
}  // namespace turnout
