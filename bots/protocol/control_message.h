// The messages between the orchestrator and a bot host, which talk over a socketpair, one JSON
// object a line. Down: one HostSetup; then a BotOrder for each bot of each call, and what the bots
// of a call are to do together; at last HostStop. Up: HostReport lines, mixed with the lines of
// events (bots/timeline), which go to the event log unread. docs/CONTROL.md has a sequence chart.
//
// The unit is a bot. Bots of one call may be in several hosts, so no host knows when a call is up
// or over: each tells how its bots are (BotReport), and the orchestrator says when they leave.
//
// Credentials travel here, with the orders, and in no argument list. These lines are not logged.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/base/secret.h"
#include "pipelines/ice/ice_server.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace turnout {

// How bots speak with the signaling server.
struct SignalingAccess {
  std::string dialect{};  // the text of its file, for readDialect; empty: our own protocol
  // Of its variables that the scenario gives, each with its values: one for all bots, or one each. Of
  // our own protocol "token" alone.
  struct Value {
    std::string name;
    std::vector<Secret> values;
  };
  std::vector<Value> values{};
  std::string tls_ca_file{};  // TlsTrust
  bool tls_verify = true;
};

struct HostSetup {
  int host = 0;
  std::string signaling_url{};
  SignalingAccess signaling{};
  std::vector<std::string> local_addresses{};  // literals the bots bind to; empty: all interfaces
  int server_requests_per_s = 0;               // this host's share, to each server; 0: no limit
  std::string scenario{};  // the text of its file, for parseScenario; secrets are hidden in it
};

struct BotOrder {  // some time before `start`
  int call = 0;
  int bot = 0;             // 0..CallShape::bots - 1
  std::string room;        // also the beginning of the bots' user names
  std::string pool;        // CallMode::kMatch: partners are found among those who name the same
  Instant start;           // on the monotonic clock, which hosts of one machine share
  std::uint64_t seed = 0;  // of the call: the same for each of its bots
  bool relay_only = false;
  std::vector<IceServer> servers;
};

// To each host that has a bot of the call, about all bots of it there:
struct ServersForCall {  // for the connections they make from now on
  int call = 0;
  std::string reason;  // as of ServersRenewed
  std::vector<IceServer> servers;
};
struct CallLeaves {  // they leave at that instant, told ahead so that all do it at once
  int call = 0;
  Instant at;
};
struct CallStays {  // takes CallLeaves back
  int call = 0;
};
struct CallInterrupted {  // they leave now, and say that they were interrupted
  int call = 0;
};
struct PeerVanished {  // bot `bot` of the call is gone, whatever the signaling server says
  int call = 0;
  int bot = 0;
};

struct HostStop {
  milliseconds grace{3000};  // bots leave cleanly in this time, then the host ends whatever is left
};

using HostCommand = std::variant<HostSetup, BotOrder, ServersForCall, CallLeaves, CallStays,
                                 CallInterrupted, PeerVanished, HostStop>;

struct HostIsReady {};  // warm: orders may come
struct BotReport {      // whenever the state of a bot changes; it begins as kBusy
  enum class State {
    kBusy,      // it awaits something: links, a step, its way back
    kSteady,    // every link is up, and no step is left
    kFailed,    // it cannot become steady any more
    kLeft,      // nothing of it is left
    kVanished,  // the same, and nobody was told (tab_kill)
  };
  int call = 0;
  int bot = 0;
  State state = State::kBusy;
  Instant at;
};
struct HostIsDone {};  // answer to HostStop; the host exits next
struct HostFailed {    // the host cannot work, e.g. a GStreamer element is missing
  Error error;
};

using HostReport = std::variant<HostIsReady, BotReport, HostIsDone, HostFailed>;

std::string commandLine(const HostCommand& command);  // without the newline
Result<HostCommand> parseCommand(std::string_view line);

std::string reportLine(const HostReport& report);
bool isReportLine(std::string_view line);  // cheap: begins with {"control":
Result<HostReport> parseReport(std::string_view line);

}  // namespace turnout
