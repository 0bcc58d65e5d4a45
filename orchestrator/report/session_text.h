// The console's sections on the app and its server; empty where there is nothing to say.
#pragma once

#include "orchestrator/results/fold/session_tally.h"

#include <string>

namespace turnout {

std::string faultsText(const SessionTally& session);    // what the app did wrong
std::string sessionsText(const SessionTally& session);  // who came, waited and came back; messages

}  // namespace turnout
