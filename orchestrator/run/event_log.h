// events.jsonl: every event of a run, one line of JSON each, appended as it happens. Lines are
// gathered for 50 ms and written in one go (O_APPEND), so a crash of turnout costs at most those. A
// disk that fills up costs the log, not the run: writing stops and failure() says why.
//
// Threads: the loop's; a write waits for the disk.
#pragma once

#include "pipelines/base/fd.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace turnout {

class EventLog {
 public:
  static Result<std::unique_ptr<EventLog>> open(Loop& loop, const std::string& path);
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  void append(std::string_view line);  // without the newline
  void flush();
  const std::optional<Error>& failure() const { return failure_; }

 private:
  EventLog(Loop& loop, std::string path, Fd fd);

  Loop& loop_;
  std::string path_;
  Fd fd_;
  std::string unwritten_;
  Timer flush_;
  std::optional<Error> failure_;
};

}  // namespace turnout
