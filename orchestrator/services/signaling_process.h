// The signaling server of a run: `turnout serve` as a child on loopback, so that its work is on a
// core of its own and its death is data. It announces {"url": ...} on fd 3.
//
// Threads: the loop's.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/base/subprocess.h"
#include "scenarios/session_rules.h"

#include <functional>
#include <memory>
#include <string>

namespace turnout {

class SignalingProcess {
 public:
  struct Config {
    std::string program;  // the turnout executable
    std::string address;  // to listen on: "127.0.0.1:PORT"; port 0: any free one
    SessionRules session{};
    std::function<void(Result<std::string> url)> on_started;  // once, at the latest after seconds
    std::function<void(const std::string& how)> on_exit;      // of a server that had started
  };

  // An Error at once; else on_started follows.
  static Result<std::unique_ptr<SignalingProcess>> start(Loop& loop, Config config);

  pid_t pid() const { return process_->pid(); }
  void stop();  // on_exit follows; the destructor kills
  void kill();  // SIGKILL, now; on_exit follows

 private:
  SignalingProcess(Loop& loop, Config config) : loop_(loop), config_(std::move(config)) {}
  void onAnnouncement(std::string_view line);
  void onExit(const std::string& how);
  void failed(const std::string& what);

  Loop& loop_;
  Config config_;
  enum class State { kStarting, kUp, kFailed } state_ = State::kStarting;
  std::unique_ptr<Subprocess> process_;
  Timer deadline_;
};

}  // namespace turnout
