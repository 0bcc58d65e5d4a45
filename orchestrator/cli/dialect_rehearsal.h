// Two bots in a real app, for the author of a dialect: they come in, exchange an offer, an answer and
// candidates as if they had media, and leave. What passed between them and the server is a sequence
// chart. Nothing is connected beside the signaling.
//
// Threads: the loop's. Blocks the caller, who runs no other loop.
#pragma once

#include "bots/protocol/control_message.h"
#include "bots/signaling/client/signaling_client.h"
#include "orchestrator/cli/command.h"
#include "scenarios/call_shape.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

struct RehearsalLine {
  Duration at{};  // from the start
  int bot = 0;    // 0 or 1: the left or the right one
  enum class Kind { kSent, kHeard, kMeans } kind = Kind::kSent;
  std::string text;  // values from the scenario are "***" in it
};

struct Rehearsal {
  std::vector<RehearsalLine> lines;
  std::vector<std::string> findings;  // what is to be known of it, for people
  bool is_complete = false;           // each had the other's description, and a candidate where due
};

struct RehearsalSetup {
  std::shared_ptr<const Dialect> dialect;
  SignalingClient::Server server;
  std::vector<SignalingAccess::Value> values{};
  std::optional<CallMode> kind{};  // absent: as the dialect has steps for
  Duration longest = 15s;
};

Rehearsal rehearse(const RehearsalSetup& setup);

// The options of `turnout dialect check FILE --against URL`, and what it does. Exit code 99: the session
// was not complete.
void addAgainstOptions(po::options_description& options);
ExitCode checkAgainst(const po::variables_map& options, const std::string& file);

std::string chartText(const Rehearsal& rehearsal, const std::string& name);  // 120 columns
std::string chartHtml(const Rehearsal& rehearsal, const std::string& name);  // one file, no scripts

}  // namespace turnout
