// Many bots, one process, one loop: takes orders from the orchestrator, runs the bots, tells their
// events and states, and its own health. The bots of a call may be in several hosts: a host knows
// its own, and when they leave is told. docs/CONTROL.md has the messages.
//
// Thread: the loop only. The channel's end of file means that the orchestrator is gone: finish() at
// once.
#pragma once

#include "bots/host/bot.h"
#include "bots/protocol/control_message.h"
#include "bots/timeline/event.h"
#include "pipelines/base/loop.h"
#include "pipelines/peer/peer_factory.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace turnout {

// How well a bot host keeps up, measured by itself once a second: lateness of its loop, processor,
// memory. A load tool must notice that it was the slow part. Stalls are told as they happen. And whether
// the machine still gives what a bot needs.
//
// Thread: the host's loop.
class HostHealthMeter {
 public:
  HostHealthMeter(Loop& loop, std::function<void(const Stall&)> on_stall);

  // Figures since the last call (or construction); host, bots and pacer are the caller's to fill.
  HostHealth take();

 private:
  LoopWatch watch_;
  Instant since_;
  double cpu_s_;
};

// What this process cannot get any more right now: "open files", "local UDP ports", "local TCP ports".
// To be asked when something failed: libraries tell of it in words, late, or not at all.
std::optional<std::string> exhaustedResource();

class BotHost {
 public:
  struct Ports {
    std::function<void(const std::string& line)> tell;  // the orchestrator
    std::function<void()> on_finished;
    std::function<void()> crash;  // the process, once what was told is on its way; does not return
  };
  BotHost(Loop& loop, Ports ports);
  ~BotHost();

  void onCommandLine(const std::string& line);
  void finish();  // no goodbye to anyone

 private:
  Result<Done> setUp(const HostSetup& setup);
  void onSetup(const HostSetup& setup);
  void onOrder(const BotOrder& order);
  void onStop(const HostStop& stop);
  void onState(int call, int bot, BotReport::State state);
  std::vector<Bot*> botsOf(int call) const;
  void finishWhenIdle();
  void tellHealth();
  void record(const Event& event);
  void lookForShortage();
  void tell(const Stall& stall);
  void tell(const HostReport& report) { ports_.tell(reportLine(report)); }

  Loop& loop_;
  Ports ports_;
  int index_ = 0;
  std::unique_ptr<PeerFactory> peers_;  // none for messages only
  std::unique_ptr<BotWorld> world_;
  std::unique_ptr<HostHealthMeter> health_;
  std::map<std::pair<int, int>, std::unique_ptr<Bot>> bots_;  // by call and bot
  std::set<std::string> exhausted_;                           // told already
  Timer health_timer_, stop_timer_, settle_timer_;
  bool stopping_ = false, is_finished_ = false;
};

}  // namespace turnout
