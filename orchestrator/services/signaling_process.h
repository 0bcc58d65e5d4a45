// The signaling server of a run: `turnout serve` as a child on loopback, so that its work is on a
// core of its own and its death is data. On fd 3 it announces {"url": ...}, then each stall of its
// loop, and twice a second that it lives.
//
// Threads: the loop's.
#pragma once

#include "pipelines/base/json.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/base/subprocess.h"
#include "scenarios/scenario.h"

#include <functional>
#include <memory>
#include <string>

namespace turnout {

class SignalingProcess {
 public:
  struct Config {
    std::string program;  // the turnout executable
    std::string address;  // to listen on: "127.0.0.1:PORT"; port 0: any free one
    std::string tls_certificate_file{}, tls_key_file{};  // PEM; empty: no TLS
    int network = -1;                                    // Subprocess::Config::network
    SessionRules session{};
    std::function<void(Result<std::string> url)> on_started;  // once, at the latest after seconds
    std::function<void(const std::string& how)> on_exit;      // of a server that had started
    std::function<void(const Stall& stall)> on_stall{};
  };

  // An Error at once; else on_started follows.
  static Result<std::unique_ptr<SignalingProcess>> start(Loop& loop, Config config);

  pid_t pid() const { return process_->pid(); }
  Duration silence() const { return silent_; }  // since its last sign of life, as our loop counts
  void stop();                                  // on_exit follows; the destructor kills
  void kill();                                  // SIGKILL, now; on_exit follows

 private:
  SignalingProcess(Loop& loop, Config config) : loop_(loop), config_(std::move(config)) {}
  void onLine(std::string_view line);
  void onAnnouncement(const JsonValue& message);
  void onExit(const std::string& how);
  void failed(const std::string& what);

  Loop& loop_;
  Config config_;
  enum class State { kStarting, kUp, kFailed } state_ = State::kStarting;
  std::unique_ptr<Subprocess> process_;
  Duration silent_{};
  Timer deadline_, listens_;
};

}  // namespace turnout
