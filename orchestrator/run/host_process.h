// One bot host as a child process: what it was asked to do, and what it answers. A crash costs the
// calls it had, nothing more.
//
// Threads: the loop's. Owned by the HostFleet, which is its listener.
#pragma once

#include "bots/protocol/control_message.h"
#include "bots/timeline/event.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/base/subprocess.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace turnout {

class HostProcess {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void onHostReady(HostProcess& host) = 0;
    virtual void onHostEvent(const Event& event, std::string_view line) = 0;
    virtual void onHostCallEnded(int call) = 0;
    virtual void onHostFailed(HostProcess& host, const Error& error) = 0;    // it cannot work
    virtual void onHostExit(HostProcess& host, const std::string& how) = 0;  // last; destroy it
  };
  enum class State { kStarting, kReady, kStopping };

  // `program`: turnout-bot-host; its output goes to `log_file`.
  static Result<std::unique_ptr<HostProcess>> start(Loop& loop, Listener& listener,
                                                    const std::string& program,
                                                    const std::string& log_file,
                                                    const HostSetup& setup);

  int index() const { return index_; }
  pid_t pid() const { return process_->pid(); }
  State state() const { return state_; }
  const std::set<int>& calls() const { return calls_; }     // assigned and not ended
  const std::string& logFile() const { return log_file_; }  // of its output; none: no file

  void assign(const CallOrder& order);
  void renew(const ServersForCall& servers);  // of a call it has
  void stop(milliseconds grace);  // it says goodbye, and is killed when it takes much longer
  void kill();

 private:
  HostProcess(Loop& loop, Listener& listener, int index, std::string log_file)
      : loop_(loop), listener_(listener), index_(index), log_file_(std::move(log_file)) {}
  void onLine(std::string_view line);
  void onReport(const HostReport& report);
  void onExit(const std::string& how);

  Loop& loop_;
  Listener& listener_;
  const int index_;
  const std::string log_file_;
  State state_ = State::kStarting;
  std::set<int> calls_;
  std::unique_ptr<Subprocess> process_;
  Timer overdue_;
};

}  // namespace turnout
