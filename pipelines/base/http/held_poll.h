// A long poll that waits for its answer. libsoup reads nothing of a paused connection and so does
// not notice that the client went away; this does.
//
// Threads: the loop's. on_aborted runs at most once, and may destroy the poll.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/base/signal.h"

#include <functional>
#include <string>

#include <libsoup/soup.h>

namespace turnout {

class HeldPoll {
 public:
  HeldPoll(Loop& loop, SoupServerMessage* message, std::function<void()> on_aborted);
  ~HeldPoll();  // an unanswered one is answered with nothing
  HeldPoll(const HeldPoll&) = delete;
  HeldPoll& operator=(const HeldPoll&) = delete;

  void answer(const std::string& body);  // once

 private:
  static gboolean onReadable(GSocket* socket, GIOCondition, gpointer self);
  void abort();

  Ref<SoupServerMessage> message_;
  const std::function<void()> on_aborted_;
  SignalConnection on_finished_;
  Timer watch_;  // of the socket; a Timer only in that it owns a source
};

}  // namespace turnout
