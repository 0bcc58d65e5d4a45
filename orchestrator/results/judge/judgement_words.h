// A judgement, and all of a verdict, as a person reads it. The verdict itself is values (verdict.h).
#pragma once

#include "orchestrator/results/judge/verdict.h"

#include <string>
#include <vector>

namespace turnout {

std::string nameOf(const Judgement& judgement);        // "success_rate of turn-udp rate>=0.95"
std::string observedText(const Judgement& judgement);  // "310 ms", "not reached", "62.5 %", "3"
std::string stateWord(Ruling ruling);                  // "holds", "does not hold", "is open"

// "67.6-100 %", "310 ms or more"; empty when there is none.
std::string intervalTextOf(const Judgement& judgement);
// "95 % interval"; of a run that may grow "95 % interval over all looks".
std::string intervalName(const Verdict& verdict);

// "success_rate rate>=0.95 is open: 100 %, 95 % interval 67.6-100 %, n = 8; some 73 calls like
// these would decide."
std::string sentenceOf(const Judgement& judgement, const Verdict& verdict);

// "connect_time p(95)<5000 stays open even if all goes well: 20 calls, and it takes 73."
std::string sentenceOf(const Undecidable& undecidable);

// Sentences, most important first. Of a run that did not pass: why not. Doubts come before
// thresholds, and thresholds that fail before those that are open.
std::vector<std::string> reasonsOf(const Verdict& verdict);
std::vector<std::string> notesOf(const Verdict& verdict);

}  // namespace turnout
