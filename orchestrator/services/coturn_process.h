// A TURN server for the length of a run: Debian's coturn as a child, on loopback, with ports,
// certificate and secrets of its own. Starting takes some 0.1 s.
//
// Threads: the loop's.
#pragma once

#include "orchestrator/services/coturn_config.h"
#include "pipelines/base/files.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/base/subprocess.h"
#include "pipelines/lab/namespaces.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace turnout {

class CoturnProcess {
 public:
  struct Config {
    // Where it is: on loopback with ports that are free, or at an address and ports of a lab.
    struct Place {
      std::string address;
      std::uint16_t port = 0, tls_port = 0;
      const NetworkNamespace* network = nullptr;
    };
    Placeholder::Kind kind{};  // one static user, or a REST secret
    std::optional<Place> place{};
    std::string log_file{};                               // coturn's own; it holds no secrets
    std::function<void(Result<Done>)> on_started{};       // of each start, at the latest after 15 s
    std::function<void(const std::string& how)> on_exit;  // of a server that had started
    std::function<void(const Stall& stall)> on_stall{};   // it had come to a stand, and goes on
  };

  // An Error at once, e.g. that coturn is not installed; else on_started follows.
  static Result<std::unique_ptr<CoturnProcess>> start(Loop& loop, Config config);
  ~CoturnProcess();
  CoturnProcess(const CoturnProcess&) = delete;
  CoturnProcess& operator=(const CoturnProcess&) = delete;

  // Valid from on_started on.
  const TurnService& service() const { return service_; }
  pid_t pid() const { return process_->pid(); }
  Duration silence() const;  // how long it has not answered a STUN request, 0 before it is up
  void stop();               // on_exit follows; the destructor kills
  void kill();               // SIGKILL, now; on_exit follows
  // Of one that exited: the same server again, as far as clients can tell: ports, certificate,
  // credentials. An Error at once, else on_started follows.
  Result<Done> restart();

 private:
  CoturnProcess(Loop& loop, Config config, TempDir directory);
  Result<Done> launch();  // with ports of its own choice
  Result<Done> runChild();
  Result<Done> choosePorts();
  Result<Done> awaitSignOfLife();
  void onAnswer(int asked);  // so often since the last one
  void onUp();
  void onExit(const std::string& how);
  void failed(const std::string& how);

  Loop& loop_;
  Config config_;
  TempDir directory_;
  TurnService service_;
  std::string config_file_;
  enum class State { kStarting, kRestarting, kUp, kDown } state_ = State::kDown;
  int launches_ = 0;
  std::unique_ptr<Subprocess> process_;
  struct SignOfLife;
  std::unique_ptr<SignOfLife> sign_;  // asked for
  Instant heard_at_;                  // its last answer
  Timer deadline_;
};

}  // namespace turnout
