// Many bots, one process, one loop: takes commands from the orchestrator, runs calls, tells events
// and its own health. docs/CONTROL.md has the messages.
//
// Thread: the loop only. The channel's end of file means the orchestrator is gone: finish() at
// once.
#pragma once

#include "bots/host/call.h"
#include "bots/host/host_health.h"
#include "bots/protocol/control_message.h"
#include "pipelines/base/loop.h"
#include "pipelines/peer/peer_connection.h"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace turnout {

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
  void onSetup(const HostSetup& setup);
  void onCall(CallOrder order);
  void onServers(const ServersForCall& renewed);
  void onStop(const HostStop& stop);
  void onCallEnded(int call);
  void finishWhenIdle();
  void tellHealth();
  void record(const Event& event);

  Loop& loop_;
  Ports ports_;
  std::unique_ptr<PeerFactory> peers_;  // none for messages only
  std::unique_ptr<BotWorld> world_;
  std::unique_ptr<HostHealthMeter> health_;
  std::map<int, std::unique_ptr<Call>> calls_;
  Timer health_timer_, stop_timer_;
  bool stopping_ = false, is_finished_ = false;
};

}  // namespace turnout
