// Where a run leaves its files: scenario.json, plan.json, events.jsonl, summary.json and the logs
// of its children.
#pragma once

#include "pipelines/base/fd.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace turnout {

class RunDirectory {
 public:
  // `wanted`: a directory that is empty or does not exist. Empty: runs/<time>-<name>. Control characters
  // are refused.
  static Result<RunDirectory> create(const std::string& wanted, const std::string& name,
                                     const std::string& wall_clock);

  const std::string& path() const { return path_; }
  const std::string& id() const { return id_; }  // the last part of the path: names the run
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  Result<Done> write(const std::string& name, const std::string& text) const;

  void becomeLatest() const;  // the run goes on: runs/latest points to it, if it is below runs/
  void discard() const;  // it did not begin: nothing of it is left, not even what create() made

 private:
  RunDirectory(std::string path, std::string id, bool is_below_runs, bool was_there)
      : path_(std::move(path)),
        id_(std::move(id)),
        is_below_runs_(is_below_runs),
        was_there_(was_there) {}
  std::string path_, id_;
  bool is_below_runs_, was_there_;
};

// events.jsonl: every event of a run, one line of JSON each, appended as it happens. Lines are
// gathered for 50 ms and written in one go (O_APPEND), so a crash of turnout costs at most those. A
// disk that fills up costs the log, not the run: writing stops and failure() says why.
//
// Threads: the loop's; a write waits for the disk.
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
