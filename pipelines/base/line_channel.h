// Lines of text over a socket or pipe, without ever blocking the loop: how `turnout run` talks to
// its children (one JSON object a line) and reads their output. Both directions are bounded; a far
// end that sends an endless line, or does not read for 16 MiB, is closed.
//
// Threads: the loop's. Handlers run on it; do not destroy the channel inside one (post that).
#pragma once

#include "pipelines/base/fd.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace turnout {

class LineChannel {
 public:
  using OnLine = std::function<void(std::string_view line)>;  // without the newline
  using OnClosed = std::function<void()>;  // once: end of file, error or a bound exceeded

  static constexpr std::size_t kMaxLine = 4 << 20;     // bytes; a scenario file is up to 1 MiB
  static constexpr std::size_t kMaxUnsent = 16 << 20;  // bytes

  LineChannel(Loop& loop, Fd fd, OnLine on_line, OnClosed on_closed);
  LineChannel(const LineChannel&) = delete;
  LineChannel& operator=(const LineChannel&) = delete;

  // Queued and sent as the far end reads. False once the channel is closed: the line is lost.
  bool send(std::string_view line);  // sockets only

  // Delivers what has already arrived: when the far end is known to be dead, its last words.
  void drain();

  // Waits until all is sent or `limit` passed; for the end of a process.
  void flush(Duration limit);

  bool isOpen() const { return static_cast<bool>(fd_); }

  // Two connected ends, closed on exec.
  static Result<std::pair<Fd, Fd>> socketPair();

 private:
  static constexpr std::size_t kReadSize = 64 << 10;  // bytes per turn of the loop: fair to others

  bool readSome();  // false: nothing there, or closed
  void deliverLines(std::size_t search_from);
  void writeSome();
  void giveUp();
  void close();

  Loop& loop_;
  Fd fd_;
  OnLine on_line_;
  OnClosed on_closed_;
  Timer input_;
  std::optional<Timer> output_;  // while something is unsent
  std::string received_;         // the start of a line whose end is still to come
  std::string unsent_;
  bool broken_ = false;  // nothing can be sent any more
};

}  // namespace turnout
