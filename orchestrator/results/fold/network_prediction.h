// What is to be expected of a call between two sites of a lab: whether it connects, and on which path. From
// what the NATs and firewalls are (pipelines/lab/site.h) and the servers of the arm; no call is looked at.
// Pure.
//
// Sources: RFC 4787 and 5128 (who meets whom), RFC 8445 (candidates, checks), RFC 8656 9 (a relay lets in
// whoever has a permission, by address).
#pragma once

#include "pipelines/lab/site.h"
#include "scenarios/scenario.h"

namespace turnout {

enum class PathPrediction {
  kNone,     // it does not connect
  kDirect,   // without a relay
  kRelayed,  // over a relay of one end or of both
  kEither,  // both would do: which pair of candidates is nominated is the agent's choice (RFC 8445 8.1.1)
};
const char* toString(PathPrediction path);  // "none", "direct", "relayed", "either"

// Bot 0 is at `one`. URLs are placeholders of servers on the lab's internet: UDP and TCP at 3478, TLS at 443.
PathPrediction predictedPath(const TurnArm& arm, const SiteSpec& one, const SiteSpec& other);

}  // namespace turnout
