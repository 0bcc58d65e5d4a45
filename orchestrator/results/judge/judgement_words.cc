#include "orchestrator/results/judge/judgement_words.h"

#include "orchestrator/results/fold/figures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace turnout {
namespace {

std::string finishedText(int finished, int planned) {
  return std::to_string(finished) + " of " + countText(planned, "call") + " finished.";
}

constexpr auto kSentenceOfDoubt = Overloaded{
    [](const doubt::LogHasNoEnd& d) {
      return "The event log has no end (turnout was killed, or still runs): " +
             finishedText(d.finished, d.planned);
    },
    [](const doubt::NotCompleted& d) {
      return "The run was " + d.how + ": " + finishedText(d.finished, d.planned);
    },
    [](const doubt::LogNotRead& d) {
      return countText(d.lines, "line") + " of the event log could not be read.";
    },
    [](const doubt::LogNotWritten& d) { return "The event log is not complete: " + d.why + "."; },
    [](const doubt::ResourceShort& d) {
      return "The machine had no more " + d.resource + " for " + d.process +
             ": calls failed for that, not for their servers.";
    },
    [](const doubt::ServiceDied& d) {
      return "The " + d.service + " service died during the run (" + d.how + ").";
    },
    [](const doubt::FaultsNotMade& d) {
      return std::to_string(d.missing) + " of " + countText(d.planned, "planned fault") +
             " of the servers never came: the calls were over before.";
    },
    [](const doubt::CallsLost& d) {
      const std::string calls = countText(d.calls, "call") + (d.calls == 1 ? " was" : " were");
      return d.cause == FailureCause::kHostCrashed ? calls + " lost because a bot host died."
                                                   : calls + " lost by turnout: " + d.example + ".";
    },
    [](const doubt::CallsStalled& d) {
      return "turnout itself was in the way of " + std::to_string(d.stalled) + " of " +
             countText(d.started, "call") + " of " + d.arm + " (" + d.example +
             "); give it more CPU or lower the rate.";
    },
    [](const doubt::NotStarted& d) {
      return countText(d.calls, "planned call") + " never started.";
    },
    [](const doubt::ArmWithoutResult& d) { return "No call of " + d.arm + " finished."; },
    [](const doubt::BotsLate& d) {
      char cores[32];
      std::snprintf(cores, sizeof cores, "%.1f", d.cores);
      return "turnout itself was the bottleneck: bots started up to " + millisecondsText(d.p99_ms) +
             " late (99th percentile, limit " + millisecondsText(kScheduleLagLimitMs) +
             "). Its bots used " + cores +
             " CPU cores at most: if this machine has more, other programs had them; else lower "
             "the "
             "rate or give it more CPU.";
    }};

constexpr auto kSentenceOfNote = Overloaded{
    [](const note::Grew& n) {
      return "the run grew from " + countText(n.from_calls_per_arm, "call") + " an arm to " +
             std::to_string(n.to_calls_per_arm) + ", in " + std::to_string(n.looks) +
             " looks; intervals hold over all of them.";
    },
    [](const note::UnjudgedAppFaults& n) {
      return "the app made " + countText(n.mistakes, "mistake") +
             " (above), and no threshold on app_faults judges that.";
    },
    [](const note::CallsDropped& n) {
      return countText(n.calls, "call") + (n.calls == 1 ? " was" : " were") +
             " dropped after all had connected.";
    },
    [](const note::OneWay& n) {
      return "in " + std::to_string(n.calls) + " of " + countText(n.connected, "connected call") +
             " " + wayText(n.media) + ": so it was negotiated, and it is not missing (media." +
             toString(n.media.kind) + ".expect makes it a failure).";
    },
    [](const note::SocketsLost& n) {
      return "bots lost their socket to the signaling server " + countText(n.times, "time") +
             " in " + countText(n.calls, "call") +
             ": look for restarts, and for idle timeouts of proxies in front of it.";
    },
    [](const note::StrayEvents& n) {
      return countText(n.events, "event") +
             " of the log belong to no call, bot or link of the plan.";
    },
    [](const note::CallsLeftOut& n) {
      return countText(n.stalled, "call") + (n.stalled == 1 ? " is" : " are") +
             " left out, because turnout itself was in the way (" + n.example + ").";
    },
    [](const note::RelayElsewhere& n) {
      return n.url + " makes its relays at " + n.relay +
             ", not at its own address: calls between its relays never leave it; turnout probe "
             "tells "
             "whether others reach them.";
    },
    [](const note::ServersSpared& n) {
      return countText(n.waited, "connection") + " waited up to " +
             millisecondsText(n.longest_wait_ms) + " before they asked " + n.server +
             ", which is to get " + std::to_string(n.limit) +
             " requests a second at most (server_requests_per_s): times contain that.";
    },
    [](const note::HostLate& n) {
      return "bot host " + std::to_string(n.host) + " was up to " + millisecondsText(n.p99_ms) +
             " late in its worst second: times near it contain turnout's own.";
    }};

}  // namespace

std::string nameOf(const Judgement& judgement) {
  const Threshold& threshold = judgement.threshold;
  std::string name = rowOf(threshold.measure).word;
  if (threshold.kind)
    name += std::string(" of ") + toString(*threshold.kind);
  if (threshold.direction)
    name += " from bot " + std::to_string(threshold.direction->first) + " to bot " +
            std::to_string(threshold.direction->second);
  if (!judgement.arm.empty())
    name += (threshold.kind || threshold.direction ? " in " : " of ") + judgement.arm;
  return name + " " + threshold.expression;
}

std::string observedText(const Judgement& judgement) {
  if (!judgement.observed)
    return "no data";
  if (*judgement.observed == kNotReached)
    return "not reached";
  switch (quantityOf(judgement.threshold.measure)) {
    case Quantity::kRate:
    case Quantity::kShare:
      return percentText(*judgement.observed);
    case Quantity::kBitrate:
      return bitrateText(*judgement.observed);
    case Quantity::kCount:
      return std::to_string(static_cast<int>(*judgement.observed));
    case Quantity::kTime:
      break;
  }
  return millisecondsText(*judgement.observed);
}

std::string stateWord(Ruling ruling) {
  switch (ruling) {
    case Ruling::kPass:
      return "holds";
    case Ruling::kFail:
      return "does not hold";
    case Ruling::kInconclusive:
      return "is open";
  }
  return "";
}

std::string intervalTextOf(const Judgement& judgement) {
  if (!judgement.evidence.interval)
    return "";
  const Interval interval = *judgement.evidence.interval;
  switch (quantityOf(judgement.threshold.measure)) {
    case Quantity::kRate:
    case Quantity::kShare:
      return intervalText({std::max(0.0, interval.low), std::min(1.0, interval.high)});
    case Quantity::kBitrate:
      return bitrateText(interval.low) + " to " + bitrateText(interval.high);
    case Quantity::kTime:
    case Quantity::kCount:
      break;
  }
  return timeIntervalText(interval);
}

std::string intervalName(const Verdict& verdict) {
  const bool is_only_look = std::abs(verdict.deviations - zOfConfidence(0.95)) < 1e-4;
  return is_only_look ? "95 % interval" : "95 % interval over all looks";
}

std::string sentenceOf(const Judgement& judgement, const Verdict& verdict) {
  std::string text =
      nameOf(judgement) + " " + stateWord(judgement.ruling) + ": " + observedText(judgement);
  if (const std::string interval = intervalTextOf(judgement); !interval.empty())
    text += ", " + intervalName(verdict) + " " + interval;
  if (judgement.observed)
    text += ", n = " + std::to_string(judgement.evidence.n);
  if (judgement.ruling == Ruling::kInconclusive && judgement.evidence.calls_needed)
    text += "; some " + countText(*judgement.evidence.calls_needed, "call") +
            " like these would decide";
  return text + ".";
}

std::string sentenceOf(const Undecidable& undecidable) {
  const Threshold& threshold = undecidable.threshold;
  return threshold.key + " " + threshold.expression +
         " stays open even if all goes well: " + countText(undecidable.calls, "call") +
         (threshold.arm.empty() ? " in all" : " an arm") + ", and it takes " +
         std::to_string(undecidable.needed) + ".";
}

std::vector<std::string> reasonsOf(const Verdict& verdict) {
  std::vector<std::string> sentences;
  for (const Doubt& doubt : verdict.doubts)
    sentences.push_back(std::visit(kSentenceOfDoubt, doubt));
  if (verdict.nothing_connected && verdict.isSound())
    sentences.push_back("Not one call connected.");
  if (verdict.nothing_kept && verdict.isSound())
    sentences.push_back("Not one call was kept: all that connected lost their media for good.");
  for (const Ruling ruling : {Ruling::kFail, Ruling::kInconclusive}) {
    for (const Judgement& judgement : verdict.judgements) {
      // Where turnout was in the way, what is missing is its doing, and told already.
      if (judgement.ruling == ruling && (judgement.observed || verdict.isSound()))
        sentences.push_back(sentenceOf(judgement, verdict));
    }
  }
  return sentences;
}

std::vector<std::string> notesOf(const Verdict& verdict) {
  std::vector<std::string> sentences;
  for (const Note& note : verdict.notes)
    sentences.push_back(std::visit(kSentenceOfNote, note));
  return sentences;
}

}  // namespace turnout
