// What the orchestrator and a bot host say to each other over a socketpair, one JSON object a line.
// Down: HostSetup once, then CallOrders and
// ServersForCall, then HostStop. Up: HostReport lines (they have the key
// "control") mixed with Event lines (bots/timeline), which pass to the event log unread.
// Credentials travel here and in no argument list. docs/CONTROL.md has a sequence chart.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/ice/ice_server.h"
#include "pipelines/media/media_profile.h"
#include "scenarios/scenario.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace turnout {

struct HostSetup {
  int host = 0;
  std::string signaling_url;
  std::string profile;  // ice_profile.h
  MediaProfile media;
  CallShape shape;
  std::optional<MessageLoad> messages;  // if any: no peer connections
  std::vector<Step> steps;
  RecoveryPolicy recovery;
  milliseconds hold{2000};
  Scenario::Deadlines deadlines;
  std::vector<std::string> local_addresses;  // literals the bots bind to; empty: all interfaces
};

struct CallOrder {
  int call = 0;
  std::string room;  // also the beginning of the bots' user names
  std::string pool;  // CallMode::kMatch: partners are found among those who name the same
  Instant start;     // on the monotonic clock, which hosts of one machine share
  std::uint64_t seed = 0;
  bool relay_only = false;
  std::vector<IceServer> servers;
};

struct ServersForCall {  // for the connections that the bots of this call make from now on
  int call = 0;
  std::string reason;  // as of ServersRenewed
  std::vector<IceServer> servers;
};

struct HostStop {
  milliseconds grace{3000};  // bots leave cleanly in this time, then the host ends whatever is left
};

using HostCommand = std::variant<HostSetup, CallOrder, ServersForCall, HostStop>;

struct HostIsReady {};  // warm: calls may come
struct CallEnded {      // every bot of the call is gone
  int call = 0;
};
struct HostIsDone {};  // answer to HostStop; the host exits next
struct HostFailed {    // the host cannot work, e.g. a GStreamer element is missing
  Error error;
};

using HostReport = std::variant<HostIsReady, CallEnded, HostIsDone, HostFailed>;

std::string commandLine(const HostCommand& command);  // without the newline
Result<HostCommand> parseCommand(std::string_view line);

std::string reportLine(const HostReport& report);
bool isReportLine(std::string_view line);  // cheap: begins with {"control":
Result<HostReport> parseReport(std::string_view line);

}  // namespace turnout
