// Many loops on the thread of one, for thousands of sockets. A GMainContext looks at every source
// it has in every turn; here only the loops in which something happened get a turn, each with a
// small share of the sources. Whoever runs the parent runs them all.
//
// Threads: the parent's. Do not run() the members, and do not destroy the group inside a task of
// one.
#pragma once

#include "pipelines/base/fd.h"
#include "pipelines/base/loop.h"

#include <cstddef>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace turnout {

class LoopGroup {
 public:
  // Of the members; each costs 2 descriptors, and is made when it is first asked for.
  static constexpr std::size_t kUsualSize = 512;

  explicit LoopGroup(Loop& parent, std::size_t size = kUsualSize);
  ~LoopGroup();
  LoopGroup(const LoopGroup&) = delete;
  LoopGroup& operator=(const LoopGroup&) = delete;

  Loop& next();  // the members in turn

 private:
  class Member;
  using Due = std::pair<Instant, std::size_t>;  // when which member has something to do

  void add();
  void serveReady();
  void serve(std::size_t index);
  void schedule();

  const std::size_t size_;
  std::vector<std::unique_ptr<Member>> members_;
  std::size_t next_ = 0;
  Fd ready_;            // readable when a member is
  std::set<Due> dues_;  // at most one of each member
  Ref<GSource> source_;
};

}  // namespace turnout
