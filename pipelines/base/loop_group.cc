#include "pipelines/base/loop_group.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace turnout {
namespace {

constexpr int kTurns = 8;          // of one member before the others get theirs
constexpr int kReadyAtOnce = 128;  // members between two looks at the parent's other sources

// GPollFD has the event bits of poll(2), and so has epoll(7).
static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT && POLLPRI == EPOLLPRI);

struct GroupSource {
  GSource base;
  std::function<void()>* serve;
};

gboolean serveGroup(GSource* source, GSourceFunc, gpointer) {
  (*reinterpret_cast<GroupSource*>(source)->serve)();
  return G_SOURCE_CONTINUE;
}
void forgetGroup(GSource* source) {
  delete reinterpret_cast<GroupSource*>(source)->serve;
}
// A context that finds no descriptor aborts, so they are tried for first. Then those there are
// share.
bool mayOpenAMember() {
  const Fd epoll(epoll_create1(EPOLL_CLOEXEC)), wakeup(eventfd(0, EFD_CLOEXEC));
  return epoll && wakeup;
}

GSourceFuncs group_funcs = {nullptr, nullptr, serveGroup, forgetGroup, nullptr, nullptr};

}  // namespace

class LoopGroup::Member {
 public:
  Member() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

  Loop& loop() { return loop_; }
  int fd() const { return epoll_.get(); }  // readable when a descriptor of the loop is ready
  void serve();
  Instant due() const { return due_; }  // when to serve it though none is; max() for never

 private:
  bool turn();
  void watch();

  Loop loop_;
  Fd epoll_;
  std::vector<GPollFD> wanted_;  // by the loop, as last asked
  std::vector<int> watched_;     // in epoll_, sorted; one that was closed is not in it any more
  int timeout_ms_ = -1;          // until the loop has something due; -1: never
  Instant due_ = Instant::max();
};

void LoopGroup::Member::serve() {
  GMainContext* context = loop_.context();
  if (!g_main_context_acquire(context))
    return;
  g_main_context_push_thread_default(context);
  int turns = 0;
  while (turns < kTurns && turn())
    turns++;
  g_main_context_pop_thread_default(context);
  watch();
  g_main_context_release(context);
  if (turns == kTurns)
    due_ = now();
  else
    due_ = timeout_ms_ < 0 ? Instant::max() : now() + milliseconds(timeout_ms_);
}

// What an iteration of the loop does, in its parts, so that `wanted_` is known afterwards.
bool LoopGroup::Member::turn() {
  GMainContext* context = loop_.context();
  gint priority = 0;
  g_main_context_prepare(context, &priority);
  gint count = 0, room = 0;
  do {
    wanted_.resize(static_cast<std::size_t>(std::max(count, 8)));
    room = static_cast<gint>(wanted_.size());
    count = g_main_context_query(context, priority, &timeout_ms_, wanted_.data(), room);
  } while (count > room);
  wanted_.resize(static_cast<std::size_t>(count));
  g_poll(wanted_.data(), static_cast<guint>(count), 0);
  if (!g_main_context_check(context, priority, wanted_.data(), count))
    return false;
  g_main_context_dispatch(context);
  return true;
}

// All anew each time: a number that was closed and given to another file looks the same.
void LoopGroup::Member::watch() {
  std::vector<int> watched;
  watched.reserve(wanted_.size());
  for (const GPollFD& one : wanted_) {
    epoll_event event{};
    event.events = one.events;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, one.fd, &event) != 0 && errno == ENOENT)
      epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, one.fd, &event);
    watched.push_back(one.fd);
  }
  std::sort(watched.begin(), watched.end());
  for (const int fd : watched_)
    if (!std::binary_search(watched.begin(), watched.end(), fd))
      epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  watched_ = std::move(watched);
}

LoopGroup::LoopGroup(Loop& parent, std::size_t size)
    : size_(size),
      ready_(epoll_create1(EPOLL_CLOEXEC)),
      source_(Ref<GSource>::adopt(g_source_new(&group_funcs, sizeof(GroupSource)))) {
  reinterpret_cast<GroupSource*>(source_.get())->serve =
      new std::function<void()>([this] { serveReady(); });
  g_source_add_unix_fd(source_.get(), ready_.get(), G_IO_IN);
  g_source_attach(source_.get(), parent.context());
}

LoopGroup::~LoopGroup() {
  g_source_destroy(source_.get());
}

Loop& LoopGroup::next() {
  if (members_.size() < size_ && (members_.empty() || mayOpenAMember()))
    add();
  return members_[next_++ % members_.size()]->loop();
}

void LoopGroup::add() {
  const std::size_t index = members_.size();
  members_.push_back(std::make_unique<Member>());
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = index;
  epoll_ctl(ready_.get(), EPOLL_CTL_ADD, members_[index]->fd(), &event);
  serve(index);  // it begins to watch
  schedule();
}

void LoopGroup::serveReady() {
  std::array<epoll_event, kReadyAtOnce> events;
  const int count = epoll_wait(ready_.get(), events.data(), kReadyAtOnce, 0);
  for (int i = 0; i < count; i++)
    serve(events[static_cast<std::size_t>(i)].data.u64);
  for (const Instant at = now(); !dues_.empty() && dues_.begin()->first <= at;)
    serve(dues_.begin()->second);
  schedule();
}

void LoopGroup::serve(std::size_t index) {
  Member& member = *members_[index];
  dues_.erase({member.due(), index});
  member.serve();
  if (member.due() != Instant::max())
    dues_.emplace(member.due(), index);
}

void LoopGroup::schedule() {
  g_source_set_ready_time(source_.get(), dues_.empty() ? -1 : toNs(dues_.begin()->first) / 1000);
}

}  // namespace turnout
