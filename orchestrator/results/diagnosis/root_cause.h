// One call, several complaints: which of them is the cause and which are its symptoms.
#pragma once

#include "bots/timeline/event.h"

namespace turnout {

// Turnout itself lost the call; nothing is said about the system under test.
bool isAbortion(FailureCause cause);

// The lowest rank is the root. Ranks follow the course of a call, because what breaks early makes
// everything later fail as well; a bug of ours comes first, and a peer that left or stayed away,
// which is always a symptom of its own trouble, last.
int rootRank(FailureCause cause);

}  // namespace turnout
