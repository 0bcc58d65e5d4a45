// One bot host as a child process: what it was asked to do, and what it answers. A crash costs the
// bots it had, and so their calls, nothing more.
//
// A host that hangs is killed: one that is not ready in time, that says nothing for long though
// it tells its health each second, or that does not go when it is told to.
//
// Threads: the loop's. Owned by the HostFleet, which is its listener.
#pragma once

#include "bots/protocol/control_message.h"
#include "bots/timeline/event.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/base/subprocess.h"

#include <compare>
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
    virtual void onHostBotReport(const BotReport& report) = 0;  // of a bot it has, or had
    virtual void onHostFailed(HostProcess& host, const Error& error) = 0;    // it cannot work
    virtual void onHostExit(HostProcess& host, const std::string& how) = 0;  // last; destroy it
  };
  enum class State { kStarting, kReady, kStopping };

  struct Limits {
    Duration start = 30s;    // until it must be ready; usual: 1 s
    Duration silence = 15s;  // between two lines of one that is ready
  };
  struct Config {
    std::string program;   // turnout-bot-host
    std::string log_file;  // of its output
    HostSetup setup;
    Limits limits;
    int network = -1;  // Subprocess::Config::network
  };
  static Result<std::unique_ptr<HostProcess>> start(Loop& loop, Listener& listener,
                                                    const Config& config);

  int index() const { return index_; }
  pid_t pid() const { return process_->pid(); }
  State state() const { return state_; }
  struct BotId {
    int call = 0, bot = 0;
    auto operator<=>(const BotId&) const = default;
  };
  const std::set<BotId>& bots() const { return bots_; }  // assigned and not gone
  bool hasBotOf(int call) const;
  const std::string& logFile() const { return log_file_; }  // of its output; none: no file

  void assign(const BotOrder& order);
  void tell(const HostCommand& command) { process_->send(commandLine(command)); }
  void stop(milliseconds grace);  // it says goodbye, and is killed when it takes much longer
  void kill();

 private:
  HostProcess(Loop& loop, Listener& listener, const Config& config)
      : loop_(loop),
        listener_(listener),
        index_(config.setup.host),
        log_file_(config.log_file),
        limits_(config.limits) {}
  void onLine(std::string_view line);
  void onReport(const HostReport& report);
  void onExit(const std::string& how);
  void killFor(std::string reason);  // of a hang
  void lookForLife();

  Loop& loop_;
  Listener& listener_;
  const int index_;
  const std::string log_file_;
  const Limits limits_;
  State state_ = State::kStarting;
  std::set<BotId> bots_;
  std::unique_ptr<Subprocess> process_;
  // Looks at our own clockwork, so that no time passes while we ourselves stand still.
  int silent_looks_ = 0;
  std::string kill_reason_;  // of a hang; empty: none
  Timer overdue_, listens_;
};

}  // namespace turnout
